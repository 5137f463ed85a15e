"""The choices of a question as HTML. Filters have hundreds: as templates they would take most of a page's time."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.forms import BoundField
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe

Option = tuple[str, str, str]
"""The group it stands in (empty: none), its value and its label, which may be HTML and is escaped if it is not."""

_ITEM = (
    '<div class="govuk-{kind}__item"><input type="{type}" class="govuk-{kind}__input" id="{id}_{number}" name="{name}"'
    ' value="{value}"{checked}><label class="govuk-label govuk-{kind}__label" for="{id}_{number}">{label}</label></div>'
)


def select(bound: BoundField, attrs: dict[str, Any]) -> SafeString:
    """The list to choose from of a question, with these attributes."""
    widget = bound.field.widget
    given = {"name": bound.html_name, "id": bound.auto_id, **widget.attrs, **bound.build_widget_attrs(attrs, widget)}
    if getattr(widget, "allow_multiple_selected", False):
        given["multiple"] = True
    return format_html("<select{}>{}</select>", flatatt(given), _options(tuple(_choices(bound)), _chosen(bound)))


def boxes(bound: BoundField, *, kind: str, inline: bool = False, small: bool = False) -> SafeString:
    """Its radios or checkboxes (`kind`)."""
    shape = f"{f' govuk-{kind}--inline' if inline else ''}{f' govuk-{kind}--small' if small else ''}"
    items = _items(kind, bound.auto_id, bound.html_name, tuple(_choices(bound)), _chosen(bound))
    return mark_safe(f'<div class="govuk-{kind}{shape}" data-module="govuk-{kind}">{items}</div>')  # noqa: S308


def offered(bound: BoundField) -> tuple[tuple[Option, ...], frozenset[str]]:
    """What is to choose from, and what of it is chosen."""
    return tuple(_choices(bound)), _chosen(bound)


def _chosen(bound: BoundField) -> frozenset[str]:
    return frozenset(bound.field.widget.format_value(bound.value()))


def _choices(bound: BoundField) -> Iterator[Option]:
    for value, label in bound.field.widget.choices:
        if isinstance(label, list | tuple):
            group = conditional_escape(value)
            yield from ((group, _said(one), conditional_escape(name)) for one, name in label)
        else:
            yield "", _said(value), conditional_escape(label)


def _said(value: Any) -> str:
    return "" if value is None else str(value)


@lru_cache(maxsize=512)
def _options(choices: tuple[Option, ...], chosen: frozenset[str]) -> SafeString:
    parts, within = [], ""
    for group, value, label in choices:
        if group != within:
            parts += ["</optgroup>"] if within else []
            parts += [f'<optgroup label="{group}">'] if group else []
            within = group
        parts.append(f'<option value="{escape(value)}"{" selected" if value in chosen else ""}>{label}</option>')
    return mark_safe("".join([*parts, *(["</optgroup>"] if within else [])]))  # noqa: S308 - all is escaped


@lru_cache(maxsize=512)
def _items(kind: str, auto_id: str, name: str, choices: tuple[Option, ...], chosen: frozenset[str]) -> str:
    control = "radio" if kind == "radios" else "checkbox"
    return "".join(
        _ITEM.format(
            kind=kind, type=control, id=escape(auto_id), number=number, name=escape(name), value=escape(value),
            checked=" checked" if value in chosen else "", label=label,
        )
        for number, (_, value, label) in enumerate(choices)
    )  # fmt: skip
