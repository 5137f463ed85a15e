"""The tag of pages of forms: a control by the name it was made under."""

from typing import Any

from django.forms import BaseForm
from django.template import Library
from django.utils.safestring import SafeString

from moothall.web.components import fields

register = Library()


@register.simple_tag
def controls(form: BaseForm, name: str, rest: str = "", size: str = "") -> SafeString:
    """`{% controls form "home__line1" %}`: one question with its label (of this `size`), hint and error."""
    options: dict[str, Any] = {"size": size} if size else {}
    return fields.question(form[name + rest], options)
