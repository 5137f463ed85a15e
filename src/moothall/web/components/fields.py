"""One question of a form as HTML: its label, hint, error and control. A page has dozens: as templates they would take most of
its time."""

from collections.abc import Hashable, Mapping
from typing import Any

from django.forms import BoundField
from django.forms.utils import flatatt
from django.forms.widgets import ChoiceWidget, Input
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moothall.web.components import choices
from moothall.web.components.widgets import kind_of

_IN_A_GROUP = frozenset({"radios", "checkboxes", "date"})
_OF_TEXT = frozenset({"text", "money"})
_BASE = {"textarea": "govuk-textarea", "select": "govuk-select", "file": "govuk-file-upload"}


_REMEMBERED = frozenset({"text", "money", "select", "radios", "checkboxes", "checkbox"})
_MOST = 2_000
_shown: dict[Hashable, SafeString] = {}


def question(bound: BoundField, options: Mapping[str, Any]) -> SafeString:
    """A question with these options of the tag `field`.

    What nothing was typed into is remembered: the filters of a list are the same for everybody, and there are dozens.
    """
    kind = kind_of(bound.field.widget)
    if kind == "hidden":
        return _control(bound, kind, "", options)
    if kind not in _REMEMBERED or bound.errors or not (said := _said(bound, kind)):
        return _question(bound, kind, options)
    key = (kind, said, tuple(options.items()), get_language())
    if key not in _shown:
        if len(_shown) >= _MOST:
            _shown.clear()
        _shown[key] = _question(bound, kind, options)
    return _shown[key]


def _said(bound: BoundField, kind: str) -> tuple[Hashable, ...]:
    """All that decides how a question without errors is shown; nothing if what was typed does."""
    field, value = bound.field, bound.value()
    widget = field.widget
    if isinstance(widget, ChoiceWidget):
        offered: Hashable = choices.offered(bound)
    elif kind == "checkbox":
        offered = bool(value)
    elif value is None or value == "":
        offered = type(widget), getattr(widget, "input_type", None)
    else:
        return ()
    words = [(str(text), hasattr(text, "__html__")) for text in (bound.label, bound.help_text)]
    told = field.required, field.disabled, bound.form.use_required_attribute, repr(widget.attrs)
    return bound.auto_id, bound.html_name, *words, *told, offered


def _question(bound: BoundField, kind: str, options: Mapping[str, Any]) -> SafeString:
    failed, limit = errors(bound), bound.field.widget.attrs.get("data-maxlength")
    counted = kind == "textarea" and limit
    parts = {"hint": bound.help_text, "error": failed, "info": counted}
    described = " ".join(f"{bound.auto_id}-{part}" for part, there in parts.items() if there)
    shape = f"{' govuk-form-group--error' if failed else ''}{' govuk-character-count' if counted else ''}"
    count = f' data-module="govuk-character-count" data-maxlength="{escape(limit)}"' if counted else ""
    show = _checkbox if kind == "checkbox" else _group if kind in _IN_A_GROUP else _single
    body = show(bound, kind, failed, described, options)
    return mark_safe(f'<div class="govuk-form-group{shape}"{count}>{body}</div>')  # noqa: S308 - each part is escaped


def errors(bound: BoundField) -> SafeString:
    """What is wrong with a question, a paragraph each; nothing when all is well."""
    said = [
        f'<p id="{bound.auto_id}-error{f"-{number}" if number > 1 else ""}" class="govuk-error-message">'
        f'<span class="govuk-visually-hidden">{escape(_("Error:"))}</span> {conditional_escape(str(error))}</p>'
        for number, error in enumerate(bound.errors, 1)
    ]
    return mark_safe("".join(said))  # noqa: S308 - each part is escaped


def _single(bound: BoundField, kind: str, failed: str, described: str, options: Mapping[str, Any]) -> str:
    control = _control(bound, kind, described, options)
    prefix, suffix = "£" if kind == "money" else options.get("prefix", ""), options.get("suffix", "")
    if prefix or suffix:
        control = format_html(
            '<div class="govuk-input__wrapper">{}{}{}</div>',
            _beside("prefix", prefix),
            control,
            _beside("suffix", suffix),
        )
    if bound.field.widget.attrs.get("data-module") == "app-editor":
        said = _("It is HTML here, since scripts do not run: change the words, and leave what stands between < and >.")
        control = format_html('<noscript><p class="govuk-hint">{}</p></noscript>{}', said, control)
    counter = ""
    if kind == "textarea" and (limit := bound.field.widget.attrs.get("data-maxlength")):
        said = _("You can enter up to %(limit)s characters") % {"limit": limit}
        counter = format_html(
            '<div id="{}-info" class="govuk-hint govuk-character-count__message">{}</div>', bound.auto_id, said
        )
    classes = _classes("govuk-label", options)
    label = f'<label class="{classes}" for="{bound.auto_id}">{conditional_escape(bound.label)}</label>'
    return f"{label}{_hint(bound)}{failed}{control}{counter}"


def _group(bound: BoundField, kind: str, failed: str, described: str, options: Mapping[str, Any]) -> str:
    role = ' role="group"' if kind == "date" else ""
    classes = _classes("govuk-fieldset__legend", options)
    control = bound.as_widget() if kind == "date" else choices.boxes(
        bound, kind=kind, inline="inline" in options, small="small" in options
    )  # fmt: skip
    return (
        f'<fieldset class="govuk-fieldset"{role}{_described(described)}>'
        f'<legend class="{classes}">{conditional_escape(bound.label)}</legend>{_hint(bound)}{failed}{control}</fieldset>'
    )


def _checkbox(bound: BoundField, _kind: str, failed: str, described: str, options: Mapping[str, Any]) -> str:
    small = " govuk-checkboxes--small" if options.get("small") else ""
    name, number = escape(bound.html_name), escape(bound.auto_id)
    return (
        f'{failed}<div class="govuk-checkboxes{small}" data-module="govuk-checkboxes"><div class="govuk-checkboxes__item">'
        f'<input type="checkbox" class="govuk-checkboxes__input" id="{number}" name="{name}"'
        f"{' checked' if bound.value() else ''}{_described(described)}>"
        f'<label class="govuk-label govuk-checkboxes__label" for="{number}">{conditional_escape(bound.label)}</label>'
        f"{_hint(bound, ' govuk-checkboxes__hint')}</div></div>"
    )


def _control(bound: BoundField, kind: str, described: str, options: Mapping[str, Any]) -> SafeString:
    own = bound.field.widget.attrs
    base, limit, width = _BASE.get(kind, "govuk-input"), own.get("data-maxlength"), options.get("width")
    classes = [
        base,
        *([str(own["class"])] if "class" in own else []),
        *([f"{base}--error"] if bound.errors else []),
        *([f"govuk-input--width-{width}"] if width else []),
        *(["govuk-js-character-count"] if limit else []),
    ]
    attrs: dict[str, Any] = {"class": " ".join(classes)}
    if described:
        attrs["aria-describedby"] = described
    if bound.errors:
        attrs["aria-invalid"] = "true"
    attrs |= {name: options[name] for name in ("rows", "autocomplete") if name in options}
    if kind == "select":
        return choices.select(bound, attrs)
    return _input(bound, attrs) if kind in _OF_TEXT else bound.as_widget(attrs=attrs)


def _input(bound: BoundField, attrs: dict[str, Any]) -> SafeString:
    """A box for one line, as Django's template of it has it."""
    widget = bound.field.widget
    assert isinstance(widget, Input)
    given = {**widget.attrs, **bound.build_widget_attrs(attrs, widget), "id": bound.auto_id}
    value = widget.format_value(bound.value())
    said = {"type": widget.input_type, "name": bound.html_name, **({} if value in {None, ""} else {"value": value})}
    return format_html("<input{}>", flatatt({**said, **given}))


def _beside(what: str, text: str) -> SafeString:
    return format_html('<div class="govuk-input__{}" aria-hidden="true">{}</div>', what, text) if text else SafeString()


def _hint(bound: BoundField, more: str = "") -> str:
    text = bound.help_text
    return f'<div id="{bound.auto_id}-hint" class="govuk-hint{more}">{conditional_escape(text)}</div>' if text else ""


def _described(by: str) -> str:
    return f' aria-describedby="{by}"' if by else ""


def _classes(base: str, options: Mapping[str, Any]) -> str:
    size = f" {base}--{escape(options['size'])}" if options.get("size") else ""
    return f"{base}{size}{' govuk-visually-hidden' if options.get('hide_label') else ''}"
