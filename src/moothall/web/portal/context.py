"""What the layout of the portal shows on every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import translate_url
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from moothall.core.council.settings import read
from moothall.domain.citizens.rules import Portal as Rules

DONE = {
    "linked": lambda: _("The application is in your list now."),
    "joined": lambda: _("Your earlier account is joined to this one."),
    "sent": lambda: _("We have what you sent."),
    "written": lambda: _("Your message was sent."),
    "password": lambda: _("Your password was changed. Other browsers were signed out."),
    "email": lambda: _("Your e-mail address was changed."),
    "ended": lambda: _("That browser was signed out."),
    "code_off": lambda: _("We ask for your password alone now."),
    "phone": lambda: _("Your telephone number was changed."),
    "language": lambda: _("We write to you in this language now."),
    "asked": lambda: _("We have your request. Your details change when an officer has confirmed it."),
}


class Portal:
    """The address of this page in the other language, what was just done, and the minutes before one is signed out."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def welsh(self) -> bool:
        return get_language() == "cy"

    @property
    def other_language(self) -> str:
        """Where this page is in the other language."""
        path = self._request.get_full_path() if self._request.method == "GET" else self._request.path
        return str(translate_url(path, settings.LANGUAGE_CODE if self.welsh else "cy"))

    @property
    def done(self) -> str:
        """What was just done, in a sentence: the page before said so in the address, by a word of ours."""
        said = DONE.get(self._request.GET.get("done", ""))
        return said() if said else ""

    @property
    def minutes(self) -> int:
        return read(Rules).session_minutes


def portal(request: HttpRequest) -> dict[str, Any]:
    """What templates know as `portal`."""
    return {"portal": Portal(request)}
