"""The only tags a message template may use. There are no filters."""

from django.template import Library
from django.template.defaulttags import do_for, do_if

register = Library()
register.tag("if", do_if)
register.tag("for", do_for)
