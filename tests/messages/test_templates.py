"""Templates: read from files, published as versions, composed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import pytest
from django.db import ProgrammingError, transaction

from moothall.core.accounts.models import User
from moothall.domain.messages import templates
from moothall.domain.messages.language import TemplateFault
from moothall.domain.messages.models import SUBJECT_LENGTH, TemplateVersion
from moothall.domain.messages.templates import Composed, NoSuchTemplate, Parsed

FILE = """---
name: Refusal
subject: "{{ case_ref }}: your application"
channels: [letter]
---
<p>Dear {{ first_name }}</p>
{{ paragraphs }}
"""
VALUES = {"case_ref": "PP-1", "first_name": "<Ann>"}


def compose(
    key: str, *, values: Mapping[str, object], paragraphs: Sequence[str] = (), language: str = "en"
) -> Composed:
    """A message of the template in force."""
    return templates.compose_version(templates.in_force(key, language), values=values, paragraphs=paragraphs)


def test_a_file_says_name_subject_channels_language_and_body() -> None:
    assert templates.parse(FILE.replace("\n", "\r\n"), "refusal.html") == Parsed(
        name="Refusal",
        subject="{{ case_ref }}: your application",
        channels=("letter",),
        language="en",
        body="<p>Dear {{ first_name }}</p>\n{{ paragraphs }}",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<p>Dear</p>", "x.html: a template opens with a line ---"),
        ("---\nname: [\n---\n<p>", "x.html: the lines between --- and --- are not YAML"),
        ("---\njust words\n---\n<p>", "x.html: between --- and --- stand name"),
        ("---\nname: A\n---\n<p>", "x.html: “subject”"),
        ("---\nname: A\nsubject: B\nchannels: [fax]\n---\n<p>", "x.html: “channels.0”"),
        ("---\nname: A\nsubject: B\ncolour: red\n---\n<p>", "x.html: “colour”"),
        ("---\nname: A\nsubject: B\n---\n", "x.html: “body”"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(text: str, sentence: str) -> None:
    with pytest.raises(TemplateFault, match="x.html") as raised:
        templates.parse(text, "x.html")
    assert sentence in str(raised.value)


def test_publishing_the_same_text_again_makes_no_version(administrator: User, noon: datetime) -> None:
    parsed = templates.parse(FILE, "refusal.html")

    first = templates.publish([("permits.refusal", parsed)], by=administrator, at=noon)[0]
    again = templates.publish([("permits.refusal", parsed)], by=administrator, at=noon)[0]
    changed = templates.publish(
        [("permits.refusal", parsed.model_copy(update={"name": "No"}))], by=administrator, at=noon
    )[0]

    assert (again.pk, first.number, changed.number) == (first.pk, 1, 2)
    assert templates.in_force("permits.refusal", "en") == changed


def test_a_published_version_never_changes(administrator: User, noon: datetime) -> None:
    version = templates.publish([("permits.refusal", templates.parse(FILE, "f"))], by=administrator, at=noon)[0]

    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        TemplateVersion.objects.filter(pk=version.pk).update(body="<p>Other</p>")


def test_the_language_of_the_customer_is_chosen_and_english_where_there_is_none(
    administrator: User, noon: datetime
) -> None:
    english = templates.parse(FILE, "f")
    templates.publish([("permits.refusal", english)], by=administrator, at=noon)[0]
    assert templates.in_force("permits.refusal", "cy").language == "en"

    welsh = english.model_copy(update={"language": "cy", "body": "<p>Annwyl {{ first_name }}</p>"})
    templates.publish([("permits.refusal", welsh)], by=administrator, at=noon)[0]
    templates.publish([("permits.refusal", english.model_copy(update={"name": "New"}))], by=administrator, at=noon)[0]

    assert compose("permits.refusal", values=VALUES, language="cy").html == "<p>Annwyl &lt;Ann&gt;</p>"
    assert compose("permits.refusal", values=VALUES).version.name == "New"


def test_composing_escapes_values_and_puts_the_paragraphs_in_order(administrator: User, noon: datetime) -> None:
    templates.publish([("permits.refusal", templates.parse(FILE, "f"))], by=administrator, at=noon)[0]

    composed = compose(
        "permits.refusal", values=VALUES, paragraphs=["<p>One, {{ first_name }}</p>", "<p onclick=x>Two</p>"]
    )

    assert composed.subject == "PP-1: your application"
    assert composed.html == "<p>Dear &lt;Ann&gt;</p>\n<p>One, &lt;Ann&gt;</p>\n<p>Two</p>"


def test_chosen_paragraphs_never_get_lost(administrator: User, noon: datetime) -> None:
    parsed = Parsed(name="Short", subject="s", body="<p>Nothing else</p>")
    templates.publish([("permits.short", parsed)], by=administrator, at=noon)[0]

    with pytest.raises(TemplateFault, match="“Short” has no {{ paragraphs }}"):
        compose("permits.short", values={}, paragraphs=["<p>One</p>"])


@pytest.mark.django_db
def test_an_unknown_template_is_named() -> None:
    with pytest.raises(NoSuchTemplate, match="There is no template “permits.nothing”"):
        templates.in_force("permits.nothing", "en")


def test_a_subject_is_one_line_of_a_length_that_fits() -> None:
    assert templates.one_line("Hello\r\nBcc: all@example.org") == "Hello Bcc: all@example.org"
    assert len(templates.one_line("x" * 999)) == SUBJECT_LENGTH


def test_what_a_paragraph_of_a_list_names_is_checked() -> None:
    assert templates.paragraph_faults("<p>{{ first_name }}</p>") == []
    assert "“paragraphs” is not a placeholder" in templates.paragraph_faults("{{ paragraphs }}")[0]
