"""The letters of a service for who edits them: where each is sent from, what it may say, what the service's file says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import catalogue, letter_checks
from moothall.domain.catalogue.manifest import Manifest
from moothall.domain.catalogue.models import Service
from moothall.domain.messages import templates
from moothall.domain.messages.language import TemplateFault, Vocabulary
from moothall.domain.messages.models import Template, TemplateVersion
from moothall.domain.messages.templates import Parsed
from moothall.domain.workflow import published
from moothall.domain.workflow.definition import Question, Workflow
from moothall.domain.workflow.parts import Message, Request

LANGUAGES: tuple[templates.Language, ...] = ("en", "cy")


class Faulty(ValueError):
    """A text cannot be published. `faults` are its sentences by name, subject, channels and body."""

    def __init__(self, faults: Mapping[str, list[str]]) -> None:
        self.faults = dict(faults)
        super().__init__(" ".join(sentence for sentences in self.faults.values() for sentence in sentences))


@dataclass(frozen=True)
class Use:
    """What sends a letter by itself. `what` is the outcome, or the kind of opinion; `list` that of the chosen paragraphs.

    With an outcome, to remind of what an outcome asks for, as a case is opened, when an application came through a
    connector, or to ask for an opinion.
    """

    how: Literal["outcome", "reminder", "opened", "received", "opinion"]
    workflow: str = ""
    stage: str = ""
    what: str = ""
    list: str = ""


@dataclass(frozen=True)
class Letter:
    """A template and the service it is of, whose version in force says what it may hold."""

    template: Template
    service: Service

    @property
    def name(self) -> str:
        """Its key within the service."""
        return self.template.key.partition(".")[2]

    @cached_property
    def uses(self) -> list[Use]:
        """What sends it."""
        return uses(self.service).get(self.name, [])

    @cached_property
    def questions(self) -> dict[str, Question]:
        """The questions whose answers it may use, by placeholder."""
        found = letter_checks.questions_of(self.name, _workflows(self.service))
        return {placeholder: question for asked in found.values() for placeholder, question in asked.items()}

    @property
    def vocabulary(self) -> Vocabulary:
        """The placeholders it may use."""
        return letter_checks.vocabulary({"": self.questions})

    @cached_property
    def files(self) -> dict[str, Parsed]:
        """What the service's files say, by language."""
        return _said(self.service.current.files if self.service.current else {}).get(self.name, {})

    def in_force(self) -> dict[str, TemplateVersion]:
        """The version in force in each language there is."""
        found = ((language, templates.newest_of(self.template, language)) for language in LANGUAGES)
        return {language: version for language, version in found if version}

    def newer(self, version: TemplateVersion) -> Parsed | None:
        """What the file says now, where the text in force was changed by hand before the file said so."""
        said = self.files.get(version.language)
        if said is None or not version.by_hand:
            return None
        of_file = self.template.versions.filter(language=version.language, by_hand=False).order_by("-number").first()
        return None if of_file and templates.says(of_file) == said else said

    def faults(self, text: Parsed) -> dict[str, list[str]]:
        """What is wrong with a text, by subject, channels and body."""
        return letter_checks.text_faults(self.name, text, _workflows(self.service))


def find(key: str, *, by: User) -> Letter:
    """The letter with this key (`<service>.<letter>`), for who may edit those of its service. Raises NoSuchTemplate."""
    service = Service.objects.select_related("current").filter(key=key.partition(".")[0]).first()
    template = Template.objects.filter(key=key).first()
    if service is None or template is None or not by.may(Permission.EDIT_TEMPLATES, service.key):
        raise templates.NoSuchTemplate(f"There is no template “{key}”.")
    return Letter(template, service)


def change(
    letter: Letter, text: Parsed, *, on: int, by: User, at: datetime, back_to: TemplateVersion | None = None
) -> TemplateVersion:
    """Publish what an administrator wrote as a new version of a letter, in the language of the text.

    `on` is the number of the version they began from, 0 where there was none. With `back_to` the text is that of an
    earlier version. Raises Faulty, and templates.ChangedMeanwhile.
    """
    if faults := letter.faults(text):
        raise Faulty(faults)
    why = f"Back to version {back_to.number}." if back_to else ""
    of_file = letter.files.get(text.language)
    return templates.change(letter.template.key, text, on=on, of_file=of_file, why=why, by=by, at=at)


def uses(service: Service) -> dict[str, list[Use]]:
    """What sends the letters of a service by itself, by letter."""
    found: dict[str, list[Use]] = {}
    if service.current_id is None:
        return found
    for workflow in _workflows(service).values():
        for letter, use in _of_workflow(service.key, workflow):
            found.setdefault(letter, []).append(use)
    for letter, use in _of_manifest(catalogue.manifest(service.current_id)):
        found.setdefault(letter, []).append(use)
    return found


def newer_files(service: Service, changed: Mapping[str, TemplateVersion | None]) -> set[str]:
    """Of texts changed by hand, by letter and language as in `refusal.cy`, those of which the file says something newer.

    `changed` has for each the last version that came from the file, None where none did.
    """
    said = _said(service.current.files if service.current else {})
    texts = {f"{name}.{language}": text for name, those in said.items() for language, text in those.items()}
    return {
        key
        for key, of_file in changed.items()
        if key in texts and (of_file is None or templates.says(of_file) != texts[key])
    }


def _workflows(service: Service) -> dict[str, Workflow]:
    if service.current_id is None:
        return {}
    flows = [published.workflow(version) for version in catalogue.workflow_versions(service.current_id)]
    return {flow.key: flow for flow in flows}


def _of_workflow(service: str, workflow: Workflow) -> Iterator[tuple[str, Use]]:
    for stage in workflow.stages:
        for outcome in stage.outcomes:
            lists = {question.id: question.list for question in outcome.questions}
            at = {"workflow": workflow.name, "stage": stage.name, "what": outcome.name}
            for effect in outcome.do:
                if isinstance(effect, Message):
                    chosen = lists.get(effect.list or "")
                    yield effect.template, Use("outcome", list=f"{service}.{chosen}" if chosen else "", **at)
                elif isinstance(effect, Request) and effect.reminder:
                    yield effect.reminder, Use("reminder", **at)


def _of_manifest(manifest: Manifest) -> Iterator[tuple[str, Use]]:
    for letter in sorted({message.template for arrival in manifest.arrivals for message in arrival.messages}):
        yield letter, Use("opened")
    for letter in sorted({one.template for one in manifest.acknowledgements}):
        yield letter, Use("received")
    for kind in manifest.opinions:
        if kind.letter:
            yield kind.letter, Use("opinion", what=kind.name)


def _said(files: Mapping[str, str]) -> dict[str, dict[str, Parsed]]:
    """What the letters among the files of a service say, by letter and language."""
    found: dict[str, dict[str, Parsed]] = {}
    for file, text in files.items():
        if not file.startswith("letters/"):
            continue
        try:
            parsed = templates.parse(text, file)
        except TemplateFault:
            continue  # it was published before what is now asked of a letter
        found.setdefault(file.removeprefix("letters/").partition(".")[0], {})[parsed.language] = parsed
    return found
