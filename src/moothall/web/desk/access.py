"""How a view of the desk says who may call it. A test refuses one that does not."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.web.desk.request import DeskRequest
from moothall.web.ops.access import MARK, who_may_call

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
NEEDS = "needs"


def needs(*permissions: Permission) -> Callable[[View], View]:
    """Only who has all these permissions, for whatever service, may call the view: others are answered 403.

    Whether they have them for the service of a case is decided where the case is found (`finding`).
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: DeskRequest, *args: Any, **named: Any) -> HttpResponseBase:
            for permission in permissions:
                if not request.user.may(permission):
                    raise PermissionDenied(_("This needs the permission %s, which you do not have.") % permission)
            return view(request, *args, **named)

        setattr(guarded, NEEDS, permissions)
        setattr(guarded, MARK, f"Staff who are signed in, with {', '.join(permissions) or 'no permission besides'}")
        return cast(View, guarded)

    return guard


signed_in = needs()
"""Everybody who is signed in may call the view; what it shows is decided within."""

open_to_all = who_may_call("Anybody: signing in comes through here, and nothing is shown of a case or person")
"""Anybody may call the view, signed in or not."""
