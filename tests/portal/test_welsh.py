"""What citizens read is there in Welsh, and the file Django reads says what the file people edit says."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "moothall"
PORTAL = SOURCE / "web" / "portal"
FOLDER = PORTAL / "locale" / "cy" / "LC_MESSAGES"
# Never read by citizens: what officers are refused with, and a label that is a name.
OFFICERS = {
    "Say why it is not changed: the customer reads it.",
    "You may not change people.",
    "You may not write to customers of this service.",
    "Nobody follows this case online. Send an e-mail or a letter.",
}


def texts() -> Iterator[str]:
    """Every text of templates and code that goes through gettext."""
    templates = [
        *PORTAL.rglob("*.html"),
        SOURCE / "web" / "components" / "templates" / "components" / "online_messages.html",
    ]
    for path in templates:
        page = path.read_text()
        yield from re.findall(r'{% translate "(.*?)" %}', page)
        yield from re.findall(r"{% translate '(.*?)' %}", page)
        yield from re.findall(r'_\("([^"]*)"\)', page)
        for body in re.findall(r"{% blocktranslate[^%]*%}(.*?)(?:{% plural %}|{% endblocktranslate %})", page):
            yield re.sub(r"{{ (\w+) }}", r"%(\1)s", body)
    for path in [*PORTAL.rglob("*.py"), *(SOURCE / "domain" / "citizens").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_":
                yield str(node.args[0].value)  # type: ignore[attr-defined]


def written() -> dict[str, str]:
    """The texts of the file people edit, each with its Welsh."""
    source = (FOLDER / "django.po").read_text()
    return {
        ast.literal_eval(text): ast.literal_eval(welsh)
        for text, welsh in re.findall(r'^msgid (".*")\nmsgstr (".+")$', source, re.MULTILINE)
    }


def test_every_text_a_citizen_reads_has_its_welsh() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        welsh = gettext.GNUTranslations(file)
    known = {key if isinstance(key, str) else key[0] for key in welsh._catalog}  # type: ignore[attr-defined]
    assert set(texts()) - known - OFFICERS == set()


def test_the_file_django_reads_is_made_of_the_one_people_edit() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        welsh = gettext.GNUTranslations(file)
    there = written()
    assert len(there) > 200
    assert {text: welsh.gettext(text) for text in there} == there
