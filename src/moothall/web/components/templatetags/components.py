"""The tags of pages: `{% component %}` around content, `{% field %}` for a question, `{% errors %}`, and dates in words."""

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.forms import BaseForm, BoundField
from django.template import Context, Library, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.template.loader import get_template
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from moothall.kit import money
from moothall.kit.calendars import LONDON
from moothall.web.common import addresses
from moothall.web.components import fields
from moothall.web.components.moments import entries
from moothall.web.components.parts import Moment
from moothall.web.components.widgets import kind_of

register = Library()


def render(name: str, values: dict[str, Any]) -> SafeString:
    """A component as HTML. Raises TemplateDoesNotExist."""
    return mark_safe(get_template(f"components/{name}.html").render(values))  # noqa: S308 - a template escapes


class _Component(Node):
    def __init__(self, name: FilterExpression, given: Mapping[str, FilterExpression], body: NodeList) -> None:
        self.name = name
        self.given = given
        self.nodelist = body

    def render(self, context: Context) -> SafeString:
        values = {key: value.resolve(context) for key, value in self.given.items()}
        with context.push():
            values["body"] = self.nodelist.render(context)
        return render(str(self.name.resolve(context)), values)


@register.tag
def component(parser: Parser, token: Token) -> _Component:
    """`{% component "details" summary="Help" %}…{% endcomponent %}`: a component around what stands within.

    It is given these values and `body`, and nothing else of the page.
    """
    words = token.split_contents()[1:]
    if not words:
        raise TemplateSyntaxError("Name the component: {% component “details” … %}.")
    name, rest = parser.compile_filter(words[0]), words[1:]
    given = token_kwargs(rest, parser)
    if rest:
        raise TemplateSyntaxError(f"A component is given values as key=value, not {rest[0]}.")
    body = parser.parse(("endcomponent",))
    parser.delete_first_token()
    return _Component(name, given, body)


class _Url(URLNode):
    """Django's tag, with addresses that were told before remembered."""

    def render(self, context: Context) -> str:
        if self.asvar:
            return super().render(context)
        name = self.view_name.resolve(context)
        if self.kwargs:
            places = tuple((key, _place(value.resolve(context))) for key, value in self.kwargs.items())
            return escape(addresses.named(name, places))
        return escape(addresses.address(name, *(_place(value.resolve(context)) for value in self.args)))


def _place(value: object) -> str | int:
    return value if isinstance(value, str | int) else str(value)


@register.tag
def url(parser: Parser, token: Token) -> _Url:
    """`{% url "desk:case" reference %}`: the address of a page."""
    node = django_url(parser, token)
    return _Url(node.view_name, node.args, node.kwargs, node.asvar)


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """One question of a form with its label, hint, error and control.

    Options: `size` (“s”, “m”, “l”: the label as a heading), `width` (2, 3, 4, 5, 10, 20 characters), `rows`, `inline`
    (choices beside one another), `small` (small choices), `hide_label`, `prefix`, `suffix`, `autocomplete`.
    """
    return fields.question(bound, options)


@register.simple_tag
def field_errors(bound: BoundField) -> SafeString:
    """What is wrong with one question, where a page shows its control itself."""
    return fields.errors(bound)


@register.simple_tag
def errors(*forms: BaseForm) -> SafeString:
    """The summary of what is wrong with one form or several, each error a link to its question; nothing when all is well."""
    found: list[tuple[str, str]] = []
    for form in forms:
        found += [("", str(error)) for error in form.non_field_errors()]
        for name in form.fields:
            bound = form[name]
            found += [(_first_control(bound), str(error)) for error in bound.errors]
    return render("error_summary", {"errors": found}) if found else mark_safe("")


def _first_control(bound: BoundField) -> str:
    kind = kind_of(bound.field.widget)
    if kind == "date":
        return f"{bound.auto_id}_0"
    if kind in {"radios", "checkboxes"}:
        return f"{bound.auto_id}_0"
    return str(bound.auto_id)


@register.simple_tag
def moments(of: Iterable[Moment], level: int = 3) -> SafeString:
    """The entries of a timeline, with headings of this level."""
    return entries(of, level=level, said=lambda at: moment(at) if isinstance(at, datetime) else day(at))


@register.filter
def day(value: date | datetime | None) -> str:
    """3 March 2026. Nothing for None."""
    if value is None:
        return ""
    return _written(_local_day(value), "j F Y", get_language())


@register.filter
def short_day(value: date | datetime | None, language: str | None = None) -> str:
    """3 Mar 2026, where many stand in a table. Nothing for None. Whoever writes hundreds names the language in force."""
    if value is None:
        return ""
    return _written(_local_day(value), "j M Y", language or get_language())


def _local_day(value: date | datetime) -> date:
    return value.astimezone(LONDON).date() if isinstance(value, datetime) else value


@lru_cache(maxsize=8192)
def _written(value: date, form: str, _language: str | None) -> str:
    """Lists show the same days again and again, and Django writes one in fifty steps."""
    return date_format(value, form)


@register.filter
def clock(value: datetime | None) -> str:
    """2:30pm, and midday and midnight as such. Nothing for None."""
    if value is None:
        return ""
    local = value.astimezone(LONDON)
    if local.minute == 0 and local.hour in (0, 12):
        return "midday" if local.hour else "midnight"
    return f"{local.hour % 12 or 12}{f':{local.minute:02}' if local.minute else ''}{'am' if local.hour < 12 else 'pm'}"


@register.filter
def moment(value: datetime | None) -> str:
    """3 March 2026 at 2:30pm. Nothing for None."""
    return f"{day(value)} at {clock(value)}" if value else ""


@register.filter
def short_moment(value: datetime | None, language: str | None = None) -> str:
    """3 Mar 2026, 2:30pm. Nothing for None."""
    return f"{short_day(value, language)}, {clock(value)}" if value else ""


@register.filter
def pounds(pence: int | None) -> str:
    """£10.50 of whole pence. Nothing for None."""
    return "" if pence is None else money.display(pence)


@register.filter
def size(octets: int) -> str:
    """240 KB, 1.5 MB."""
    if octets < 1_000_000:
        return f"{max(1, math.ceil(octets / 1000))} KB"
    return f"{octets / 1_000_000:.1f} MB"


@register.filter
def get(values: Mapping[str, Any], key: str) -> Any:
    """What stands under a key that a template cannot spell; empty when nothing does."""
    return values.get(key, "")
