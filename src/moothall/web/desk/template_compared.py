"""What differs between two texts of a template, word by word; and a text as it is written, its placeholders marked."""

import re
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from moothall.domain.messages import plain, sanitise
from moothall.domain.messages.templates import Parsed
from moothall.kit import differences
from moothall.kit.differences import Piece
from moothall.web.desk.templates_shown import channel_names

_CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}")
_BETWEEN = re.compile(r"(<[uo]l[^>]*>|</li>)((?:\s*(?:\{\{.*?\}\}|\{%.*?%\}))+\s*)(?=<li|</[uo]l)")
"""Codes between the items of a list, where only items may stand."""
_OUTSIDE = re.compile(r'(<li class="app-editor__code">.*?</li>)|\{\{.*?\}\}|\{%.*?%\}')
_TAGS = re.compile(r"(</(?:p|h2|h3|li|ul|ol|table|tr|caption)>)")


@dataclass(frozen=True)
class Part:
    """A part of a text that may differ. `marks` shows what does; empty where nothing does."""

    name: str
    marks: SafeString


def compared(old: Parsed, new: Parsed) -> list[Part]:
    """The parts that differ. Of the text the words, and the HTML only where that differs and no word does."""
    parts = [
        Part(_("Name"), _marked(old.name, new.name)),
        Part(_("Subject"), _marked(old.subject, new.subject)),
        Part(_("It is written for"), _marked(channel_names(old.channels), channel_names(new.channels))),
        Part(_("Text"), _marked(plain.of(old.body), plain.of(new.body))),
    ]
    found = [part for part in parts if part.marks]
    if old.body != new.body and not parts[-1].marks:
        found.append(Part(_("Formatting, in HTML"), _marked(_tags_apart(old.body), _tags_apart(new.body))))
    return found


def marked(body: str) -> SafeString:
    """The body of a template as it reads, with its placeholders and conditions marked."""
    shown = _BETWEEN.sub(lambda found: found[1] + _pieces(found[2], "li"), sanitise.clean(body))
    return mark_safe(_OUTSIDE.sub(lambda found: found[0] if found[1] else _pieces(found[0], "span"), shown))  # noqa: S308 - sanitised


def _pieces(text: str, tag: str) -> str:
    return _CODE.sub(lambda code: f'<{tag} class="app-editor__code">{code[0]}</{tag}>', text)


def _marked(old: str, new: str) -> SafeString:
    if old == new:
        return SafeString()
    lines = ("".join(map(_piece, line)) for line in differences.lines(old, new))
    return mark_safe("\n".join(lines))  # noqa: S308 - each piece is escaped


def _piece(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.how == "same" or not piece.text.strip():
        return text if piece.how != "out" else ""
    tag, said = ("del", _("taken out:")) if piece.how == "out" else ("ins", _("put in:"))
    return f'<{tag}><span class="govuk-visually-hidden">{escape(said)} </span>{text}</{tag}>'


def _tags_apart(body: str) -> str:
    return _TAGS.sub(r"\1\n", body)
