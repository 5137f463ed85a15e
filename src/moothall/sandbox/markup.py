"""Small pieces of plain, accessible HTML. Everything that is not `Html` already is escaped."""

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

STYLE = """body{font:1rem/1.5 sans-serif;margin:1rem auto;max-width:80rem;padding:0 1rem;color:#0b0c0c;background:#fff}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold;padding:.5rem 0}
th,td{border-bottom:1px solid #505a5f;padding:.4rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f3f2f1;padding:.5rem}
nav a{margin-right:1rem}a{color:#1d70b8}a:focus,button:focus,input:focus,summary:focus{outline:3px solid #a85b00}
label{display:block;margin-top:.5rem}input{font:inherit;padding:.2rem;width:100%;max-width:30rem}
button{font:inherit;padding:.3rem .8rem;margin:.3rem 0}"""
MENU = (
    ("", "Overview"),
    ("applications", "Applications"),
    ("badges", "Badges"),
    ("calls", "Calls"),
    ("faults", "Faults"),
    ("mail", "Mail"),
)


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def text(value: Any) -> Html:
    """A value made safe; None is nothing."""
    if isinstance(value, Html):
        return value
    return Html("" if value is None else escape(str(value)))


def join(parts: Iterable[Html]) -> Html:
    """Pieces one after another."""
    return Html("".join(parts))


def page(title: str, *parts: Html) -> Html:
    """A whole page with its menu."""
    menu = join(link(f"/_admin/{path}", name) for path, name in MENU)
    return Html(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)} - sandbox</title><style>{STYLE}</style></head>"
        f'<body><header><nav aria-label="Sandbox">{menu}</nav></header>'
        f"<main><h1>{text(title)}</h1>{join(parts)}</main></body></html>"
    )


def heading(words: str) -> Html:
    """A heading within a page."""
    return Html(f"<h2>{text(words)}</h2>")


def paragraph(words: str) -> Html:
    """A paragraph."""
    return Html(f"<p>{text(words)}</p>")


def link(target: str, words: str) -> Html:
    """A link."""
    return Html(f'<a href="{text(target)}">{text(words)}</a>')


def items(values: Iterable[Any]) -> Html:
    """A bulleted list."""
    return Html(f"<ul>{join(Html(f'<li>{text(value)}</li>') for value in values)}</ul>")


def block(words: str) -> Html:
    """Text as it was sent."""
    return Html(f"<pre>{text(words)}</pre>")


def json_block(value: Any) -> Html:
    """A value as indented JSON."""
    return block(json.dumps(value, indent=1, ensure_ascii=False))


def details(summary: str, inside: Html) -> Html:
    """Something folded away."""
    return Html(f"<details><summary>{text(summary)}</summary>{inside}</details>")


def table(caption: str, heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> Html:
    """A table with a caption and column heads."""
    head = join(Html(f'<th scope="col">{text(one)}</th>') for one in heads)
    body = join(Html(f"<tr>{join(Html(f'<td>{text(cell)}</td>') for cell in row)}</tr>") for row in rows)
    return Html(f"<table><caption>{text(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def form(
    action: str, button: str, *, fields: Iterable[tuple[str, str, str]] = (), hidden: Mapping[str, str] | None = None
) -> Html:
    """A form of (name, label, value) fields that posts to `action`."""
    inputs = join(
        Html(f'<label>{text(label)} <input name="{text(name)}" value="{text(value)}"></label>')
        for name, label, value in fields
    )
    kept = join(
        Html(f'<input type="hidden" name="{text(name)}" value="{text(value)}">')
        for name, value in (hidden or {}).items()
    )
    return Html(
        f'<form method="post" action="{text(action)}">{kept}{inputs}<button type="submit">{text(button)}</button></form>'
    )
