"""Notes as HTML: a case may have hundreds, and as templates they would take most of the page's time."""

from collections.abc import Iterable

from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from moothall.domain.cases.models import Note
from moothall.web.components.templatetags.components import moment


def articles(notes: Iterable[Note]) -> SafeString:
    """Each note with who wrote it, when, and which colleagues were told."""
    return mark_safe("".join(_article(note) for note in notes))  # noqa: S308 - each part is escaped


def _article(note: Note) -> str:
    tag = f'<strong class="govuk-tag govuk-tag--red">{_("Important")}</strong>'
    names = ", ".join(escape(one.user.full_name) for one in note.mentions.all())
    told = f" · {_('Told:')} {names}" if names else ""
    said = _("%(name)s, %(at)s") % {"name": escape(note.by.full_name), "at": moment(note.at)}
    return (
        f'<article class="{"app-important" if note.important else "app-note"}" id="note-{note.pk}">'
        + (f'<p class="govuk-body">{tag}</p>' if note.important else "")
        + f'<p class="govuk-body app-prose">{escape(note.text)}</p>'
        f'<p class="govuk-body-s app-secondary">{said}{told}</p></article>'
    )
