"""What the layout shows on every page, read only when it is shown."""

from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.db import Error as DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.council import settings as council
from moothall.web.desk import brand, navigation, recent, session, waiting


class Desk:
    """Who is signed in, the council, the menu, recent cases and messages."""

    def __init__(self, request: HttpRequest, *, stranger: bool = False) -> None:
        self._request = request
        self._stranger = stranger  # the page is shown as to nobody: something is wrong, and asking might fail again

    @cached_property
    def user(self) -> User | None:
        return None if self._stranger else session.holder(self._request, at=timezone.now())

    @property
    def may_search(self) -> bool:
        """Whether the box that searches leads anywhere for them."""
        return bool(self.user and self.user.may(Permission.VIEW_CASES))

    @cached_property
    def council(self) -> council.Council:
        try:
            return council.read(council.Council)
        except DatabaseError:
            return council.Council(name="Moothall")

    @property
    def name(self) -> str:
        """Whose desk it is: the council's, or the product's as long as no council is set."""
        return self.council.name or "Moothall"

    @cached_property
    def brand(self) -> str:
        return brand.digest(self.council)

    @property
    def minutes(self) -> int:
        return int(settings.SESSION_MINUTES)

    @property
    def seconds_left(self) -> int:
        """Until the session ends however busy somebody is."""
        return max(0, int((session.ends(self._request) - timezone.now()).total_seconds()))

    @property
    def hours(self) -> int:
        return int(settings.SESSION_HOURS)

    @property
    def ending(self) -> datetime | None:
        """When the session ends, where that is soon."""
        end = session.ends(self._request)
        return end if end - timezone.now() < session.TOLD_BEFORE else None

    @cached_property
    def navigation(self) -> list[navigation.Item]:
        return navigation.menu(self._request, self.user, self._waiting) if self.user else []

    @cached_property
    def recent(self) -> list[recent.Recent]:
        return recent.cases(self._request, self.user) if self.user else []

    @property
    def unread(self) -> int:
        """Notifications that were not read, counted up to 99."""
        return self._waiting.unread

    @cached_property
    def _waiting(self) -> waiting.Waiting:
        return waiting.of(self.user, at=timezone.now()) if self.user else waiting.Waiting()

    @property
    def messages(self) -> Any:
        return [] if self._stranger else get_messages(self._request)


def desk(request: HttpRequest) -> dict[str, Any]:
    """What templates know as `desk`."""
    return {"desk": Desk(request)}
