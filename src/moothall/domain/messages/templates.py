"""Templates: read from files, published as versions that never change, composed into messages.

A file opens with front matter and goes on with HTML::

    ---
    name: Missing information
    subject: "{{ case_ref }}: we need more from you"
    channels: [email, letter]
    language: en
    ---
    <p>{{ salutation }}</p>
    {{ paragraphs }}

`{{ paragraphs }}` is where the paragraphs of the chosen values of a list go, in Welsh in a letter that is in Welsh.
`{{ answers.appointment_on }}` is the answer to the question `appointment_on` of the workflow that sends the letter, in
words: a day written out, an amount in pounds, a choice by its label, Yes, and nothing for no or no answer.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from moothall.core import planned
from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.core.rows import Rows
from moothall.domain.messages import language as wording
from moothall.domain.messages import sanitise
from moothall.domain.messages.language import TemplateFault, Vocabulary
from moothall.domain.messages.models import SUBJECT_LENGTH, Template, TemplateVersion
from moothall.domain.messages.vocabulary import CASES
from moothall.kit.calendars import LONDON

PARAGRAPHS = "paragraphs"
Language = Literal["en", "cy"]
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


class NoSuchTemplate(LookupError):
    """No version of the template was published."""


class ChangedMeanwhile(Exception):
    """Somebody published another version of the template since it was looked at. Its message may be shown."""

    def __init__(self, newest: TemplateVersion) -> None:
        self.newest = newest
        when = newest.created_at.astimezone(LONDON)
        super().__init__(
            f"{newest.created_by.full_name} published version {newest.number} on {when:%-d %B %Y at %H:%M},"
            " while you were writing, so yours is not published yet."
        )


class Parsed(BaseModel):
    """A template as its file says it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200)]
    subject: Annotated[str, Field(min_length=1, max_length=SUBJECT_LENGTH)]
    channels: Annotated[tuple[Literal["email", "letter"], ...], Field(min_length=1)] = ("email", "letter")
    language: Language = "en"
    body: Annotated[str, Field(min_length=1, max_length=sanitise.LONGEST)]


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A message ready to be shown, edited or saved. `html` is sanitised; `language` is that of the text found.

    `gaps` are the placeholders it prints or goes through that hold nothing.
    """

    subject: str
    html: str
    language: str
    version: TemplateVersion
    gaps: tuple[str, ...] = ()


def parse(text: str, file: str) -> Parsed:
    """Read the text of a template file. Raises TemplateFault with sentences naming `file`."""
    found = _FRONT.match(text.replace("\r\n", "\n").removeprefix("\ufeff"))
    if not found:
        raise TemplateFault([f"{file}: a template opens with a line ---, then name and subject, then a line ---."])
    try:
        front = yaml.safe_load(found[1])
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        wrong = f"{error.problem or error.context} (line {line})"
        raise TemplateFault([f"{file}: the lines between --- and --- are not YAML: {wrong}."]) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise TemplateFault([f"{file}: the lines between --- and --- are not YAML that can be read."]) from error
    if not isinstance(front, dict) or "body" in front:
        raise TemplateFault([f"{file}: between --- and --- stand name, subject, channels and language, and no body."])
    try:
        return Parsed.model_validate({**front, "body": found[2].strip()})
    except ValidationError as error:
        raise TemplateFault(
            f"{file}: “{'.'.join(map(str, problem['loc']))}”: {problem['msg']}." for problem in error.errors()
        ) from error


def faults(letter: Parsed, vocabulary: Vocabulary = CASES) -> list[str]:
    """What is wrong with a template's texts, a sentence each: unknown placeholders, forbidden tags, bad syntax."""
    in_subject = [f"Subject: {sentence}" for sentence in wording.check(letter.subject, vocabulary, html=False)]
    return in_subject + wording.check(letter.body, vocabulary, html=True)


def paragraph_faults(text: str, vocabulary: Vocabulary = CASES) -> list[str]:
    """What is wrong with the paragraph a value of a list gives, a sentence each."""
    return wording.check(text, replace(vocabulary, blocks={}), html=True)


def uses(text: str) -> frozenset[str]:
    """The placeholders a text names. Raises TemplateFault."""
    return wording.read(text).names


def publish(letters: Sequence[tuple[str, Parsed]], by: User, at: datetime) -> list[TemplateVersion]:
    """Keep what files say, each under its key, as a new version unless the newest in its language says just that.

    A text an administrator wrote stays in force. The versions in force, in the same order; in one statement for all.
    """
    with recording.because(action="template.published", by=by, at=at):
        keys = sorted({key for key, _ in letters})
        Template.objects.bulk_create([Template(key=key) for key in keys], ignore_conflicts=True)
        kept = {one.key: one for one in Template.objects.select_for_update().filter(key__in=keys).order_by("key")}
        rows = TemplateVersion.objects.filter(template__in=kept.values())
        newest = rows.order_by("template", "language", "-number").distinct("template", "language")
        force = {(one.template_id, one.language): one for one in newest}
        last = dict.fromkeys(keys, 0) | _last(kept, force.values())
        fresh: list[TemplateVersion] = []
        for key, parsed in letters:
            now = force.get((kept[key].pk, parsed.language))
            if now and (now.by_hand or says(now) == parsed):
                continue
            last[key] += 1
            fresh.append(_version(kept[key], parsed, last[key], by_hand=False, by=by, at=at))
            force[kept[key].pk, parsed.language] = fresh[-1]
        TemplateVersion.objects.bulk_create(fresh)
        recording.record_all(
            "template.published",
            [(one.template, {"number": one.number, "language": one.language}) for one in fresh],
            by=by,
            at=at,
        )
        return [force[kept[key].pk, parsed.language] for key, parsed in letters]


def _last(kept: Mapping[str, Template], versions: Iterable[TemplateVersion]) -> dict[str, int]:
    """The number of the last version of each template that has one."""
    keys = {template.pk: key for key, template in kept.items()}
    last: dict[str, int] = {}
    for one in versions:
        key = keys[one.template_id]
        last[key] = max(one.number, last.get(key, 0))
    return last


def change(
    key: str, parsed: Parsed, *, on: int, by: User, at: datetime, of_file: Parsed | None = None, why: str = ""
) -> TemplateVersion:
    """Keep what an administrator wrote as a new version, unless the newest in its language says just that.

    `on` is the number of the version they began from, 0 where there was none. A text that is that of the service's file
    (`of_file`) is not one by hand, so that the next publishing may change it. `why` goes on the record. Raises
    NoSuchTemplate, and ChangedMeanwhile when another version came in the meantime.
    """
    with recording.because(action="template.changed", by=by, at=at):
        template = Template.objects.select_for_update().filter(key=key).first()
        if template is None:
            raise NoSuchTemplate(f"There is no template “{key}”.")
        newest = newest_of(template, parsed.language)
        if newest and says(newest) == parsed and newest.by_hand == (parsed != of_file):
            return newest
        if (newest.number if newest else 0) != on:
            assert newest is not None  # versions are never taken away
            raise ChangedMeanwhile(newest)
        version = _write(template, parsed, by_hand=parsed != of_file, by=by, at=at)
        told = {"number": version.number, "language": version.language, "on": on, "by_hand": version.by_hand}
        recording.record("template.changed", template, by=by, at=at, reason=why, **told)
        return version


def newest_of(template: Template, language: str) -> TemplateVersion | None:
    """The version in force in exactly this language."""
    versions = template.versions.filter(language=language).select_related("created_by")
    return versions.order_by("-number").first()


def _write(template: Template, parsed: Parsed, *, by_hand: bool, by: User, at: datetime) -> TemplateVersion:
    last = template.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = _version(template, parsed, last + 1, by_hand=by_hand, by=by, at=at)
    version.save()
    return version


def _version(
    template: Template, parsed: Parsed, number: int, *, by_hand: bool, by: User, at: datetime
) -> TemplateVersion:
    return TemplateVersion(
        template=template,
        number=number,
        name=parsed.name,
        subject=parsed.subject,
        body=parsed.body,
        channels=list(parsed.channels),
        language=parsed.language,
        by_hand=by_hand,
        created_at=at,
        created_by=by,
    )


_VERSION = Rows(TemplateVersion, "version")
_IN_FORCE = f"""
    SELECT {_VERSION.selected} FROM messages_templateversion version
    JOIN messages_template template ON template.id = version.template_id
    WHERE template.key = %(key)s AND version.language IN (%(language)s, 'en')
    ORDER BY version.language = %(language)s DESC, version.number DESC LIMIT 1
"""  # noqa: S608 - the model's column names


def in_force(key: str, language: str) -> TemplateVersion:
    """The newest version in `language`, else the newest in English. Raises NoSuchTemplate."""
    with planned.cursor() as cursor:
        cursor.execute(_IN_FORCE, {"key": key, "language": language})
        row = cursor.fetchone()
    if row is None:
        raise NoSuchTemplate(f"There is no template “{key}”. Publish it, or name another.")
    return _VERSION.instance(row)


def compose_version(
    version: TemplateVersion, *, values: Mapping[str, object], paragraphs: Sequence[str] = ()
) -> Composed:
    """Make a message of one version of a template. Raises TemplateFault."""
    body = wording.read(version.body)
    if paragraphs and PARAGRAPHS not in body.names:
        raise TemplateFault([f"“{version.name}” has no {{{{ {PARAGRAPHS} }}}} where the chosen paragraphs would go."])
    gaps: set[str] = set()
    chosen = "\n".join(wording.read(text).render(values, blocks={}, gaps=gaps) for text in paragraphs)
    subject = one_line(wording.read(version.subject).render(values, blocks={}, plain=True, gaps=gaps))
    html = sanitise.clean(body.render(values, blocks={PARAGRAPHS: chosen}, gaps=gaps))
    return Composed(subject=subject, html=html, language=version.language, version=version, gaps=tuple(sorted(gaps)))


def one_line(text: str) -> str:
    """A subject: one line, without what nobody sees, cut at the length a subject may have."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1] + "…"


def says(version: TemplateVersion) -> Parsed:
    """What a version says, as a file would."""
    return Parsed.model_validate(
        {name: getattr(version, name) for name in ("name", "subject", "channels", "language", "body")}
    )
