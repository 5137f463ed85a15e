"""The entries of a timeline as HTML: a page has a hundred, and as templates they would take most of its time."""

from collections.abc import Callable, Iterable
from datetime import date, datetime

from django.utils import timezone
from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from moothall.web.components.parts import Moment


def entries(moments: Iterable[Moment], *, level: int, said: Callable[[date], str]) -> SafeString:
    """Each entry with a heading of this level; `said` puts when it was in words."""
    return mark_safe("".join(_entry(one, level, said) for one in moments))  # noqa: S308 - each part is escaped


def _entry(one: Moment, level: int, said: Callable[[date], str]) -> str:
    by = _("by %(name)s") % {"name": escape(one.by)} if one.by else ""
    byline = f'<p class="moj-timeline__byline">{by}</p>' if by else ""
    tag = f' <strong class="govuk-tag govuk-tag--grey">{escape(one.tag)}</strong>' if one.tag else ""
    links = "".join(
        f'<li><a class="govuk-link" href="{escape(link.href)}">{escape(link.text)}</a></li>' for link in one.links
    )
    return (
        '<div class="moj-timeline__item"><div class="moj-timeline__header">'
        f'<h{level} class="moj-timeline__title">{escape(one.title)}</h{level}> {byline}</div>'
        f'<p class="moj-timeline__date"><time datetime="{_exactly(one.at)}">{escape(said(one.at))}'
        f"</time>{tag}</p>"
        + (f'<div class="moj-timeline__description app-prose">{escape(one.text)}</div>' if one.text else "")
        + (f'<ul class="govuk-list moj-timeline__description">{links}</ul>' if links else "")
        + "</div>"
    )


def _exactly(at: date) -> str:
    """A moment, or a day of which no time is known, for programs."""
    return timezone.localtime(at).isoformat() if isinstance(at, datetime) else at.isoformat()
