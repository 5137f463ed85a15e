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
from collections.abc import Mapping, Sequence
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

PARAGRAPHS = "paragraphs"
Language = Literal["en", "cy"]
_FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)


class NoSuchTemplate(LookupError):
    """No version of the template was published."""


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
    """A message ready to be shown, edited or saved. `html` is sanitised; `language` is that of the text found."""

    subject: str
    html: str
    language: str
    version: TemplateVersion


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


def publish(key: str, parsed: Parsed, by: User, at: datetime) -> TemplateVersion:
    """Keep `parsed` as a new version of `key`, unless it says just what the newest version in its language says."""
    with recording.because(action="template.published", by=by, at=at):
        template, _ = Template.objects.select_for_update().get_or_create(key=key)
        newest = template.versions.filter(language=parsed.language).order_by("-number").first()
        if newest and _says(newest) == parsed:
            return newest
        last = template.versions.order_by("-number").values_list("number", flat=True).first() or 0
        version = TemplateVersion.objects.create(
            template=template,
            number=last + 1,
            name=parsed.name,
            subject=parsed.subject,
            body=parsed.body,
            channels=list(parsed.channels),
            language=parsed.language,
            created_at=at,
            created_by=by,
        )
        recording.record("template.published", template, by=by, at=at, number=version.number, language=version.language)
        return version


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
    chosen = "\n".join(wording.read(text).render(values, blocks={}) for text in paragraphs)
    subject = wording.read(version.subject).render(values, blocks={}, plain=True)
    html = sanitise.clean(body.render(values, blocks={PARAGRAPHS: chosen}))
    return Composed(subject=one_line(subject), html=html, language=version.language, version=version)


def one_line(text: str) -> str:
    """A subject: one line, without what nobody sees, cut at the length a subject may have."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= SUBJECT_LENGTH else line[: SUBJECT_LENGTH - 1] + "…"


def _says(version: TemplateVersion) -> Parsed:
    return Parsed.model_validate(
        {name: getattr(version, name) for name in ("name", "subject", "channels", "language", "body")}
    )
