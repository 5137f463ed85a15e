"""What somebody typed is not lost when their session ends: it is kept a day, for them alone.

A signed cookie says who signed in last in this browser, for a session that is over says nothing. What is then sent from
a form of the desk is kept instead of being thrown away, and shown to that person, and nobody else, after they have
signed in again. Passwords are never kept.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve

from moothall.core.accounts.models import User
from moothall.web.common.whole import whole
from moothall.web.desk.models import Typed

KEPT = timedelta(days=1)
LONGEST = 300_000
"""Characters of one form."""
MOST_FIELDS = 500
MOST = 20
"""Forms kept of one person."""
SENT_AGAIN = "kept_typed"
"""The field that says which kept form is sent again; when it was taken, it is forgotten."""
FORM_NUMBER = "kept_form"
"""The field that says which form it is among those of its page that are sent to the same address."""

_SALT = "moothall.desk.typist"
_OURS = frozenset({"csrfmiddlewaretoken", SENT_AGAIN, FORM_NUMBER})
_NOTHING_TYPED = _OURS | {"back", "next", "version", "sure", "live", "step", "key"}
_TICKED = "on"  # what a browser sends of a box without a value of its own
_NEVER = frozenset({"sign_in", "sign_out", "stay", "search", "typed_keep", "typed_drop"})


def cookie() -> str:
    """The name of the cookie that says who signed in last."""
    return "__Host-typist" if settings.SESSION_COOKIE_SECURE else "typist"


def remember(response: HttpResponse, user: User) -> None:
    """Say in the browser who signed in, where only we can read and nobody can change it."""
    told = signing.dumps(user.pk, salt=_SALT)
    response.set_cookie(
        cookie(),
        told,
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def forget_who(response: HttpResponse) -> None:
    """They signed out: what is sent from this browser is nobody's now."""
    response.delete_cookie(cookie(), samesite="Lax")


def who(request: HttpRequest) -> User | None:
    """Who signed in last in this browser, if it is not too long ago."""
    try:
        pk = signing.loads(request.COOKIES.get(cookie(), ""), salt=_SALT, max_age=KEPT)
    except signing.BadSignature:
        return None
    return User.objects.filter(pk=pk, is_active=True).first()


def hold(request: HttpRequest, *, at: datetime) -> Typed | None:
    """Keep what was sent from a form without a session; nothing when nothing was typed, or it is nobody's."""
    path = request.get_full_path()
    if not _is_form(path):
        return None
    given = [(name, value) for name, values in request.POST.lists() for value in values]
    user = who(request) if any(name not in _NOTHING_TYPED for name, _ in given) else None
    if user is None:
        return None
    seen = urlsplit(request.headers.get("Referer", ""))
    page = f"{seen.path}?{seen.query}" if seen.query else seen.path
    shown = page if seen.netloc == request.get_host() and _is_form(page) else path
    number = request.POST.get(FORM_NUMBER, "")
    if not number:
        path = _room(user, path, given)
    elif number in map(str, range(1, MOST)):
        path = f"{path}#{number}"
    return keep(user, path=path, page=shown, given=given, pressed=True, files=bool(request.FILES), at=at)


def keep(
    user: User,
    *,
    path: str,
    page: str,
    given: Iterable[tuple[str, str]],
    pressed: bool,
    at: datetime,
    files: bool = False,
) -> Typed | None:
    """Keep a form of somebody's; what is too large, or not of the desk, is not kept."""
    given = [(name.replace("\0", ""), value.replace("\0", "")) for name, value in given]
    fields = [[name, value] for name, value in given if name not in _OURS and "password" not in name]
    path, page = path.replace("\0", ""), page.replace("\0", "")
    too_large = len(fields) > MOST_FIELDS or sum(len(name) + len(value) for name, value in fields) > LONGEST
    if not fields or too_large or not (_is_form(path) and _is_form(page)):
        return None
    values = {"page": page, "fields": fields, "pressed": pressed, "files": files, "at": at}
    kept, _ = Typed.objects.update_or_create(user=user, path=path, defaults=values)
    surplus = Typed.objects.filter(user=user).order_by("-at", "-id").values_list("pk", flat=True)[MOST:]
    Typed.objects.filter(pk__in=list(surplus)).delete()
    return kept


def waiting(user: User) -> Typed | None:
    """What was kept last of somebody's and not dealt with."""
    return Typed.objects.filter(user=user).order_by("-at", "-id").first()


def with_it(kept: Typed) -> list[Typed]:
    """A kept form, and those somebody was typing in on the same page."""
    beside = Q(page=kept.page, pressed=False)
    return list(Typed.objects.filter(Q(pk=kept.pk) | beside, user=kept.user_id).order_by("pk"))


def taken(user: User, given: str) -> None:
    """A kept form was sent again and taken."""
    if (number := whole(given)) is not None:
        Typed.objects.filter(user=user, pk=number).delete()


def is_kept(path: str) -> bool:
    """Whether it is the address of a kept form, which leads nowhere for anybody but who typed it."""
    found = _page(path)
    return found is not None and found.view_name == "desk:typed"


def forget(*, before: datetime) -> int:
    """Delete what nobody came back for."""
    return Typed.objects.filter(at__lt=before).delete()[0]


def _room(user: User, path: str, given: Iterable[Sequence[str]]) -> str:
    """Where a form is kept that does not say its number: not in place of another form of the same address."""
    given = list(given)
    kept = Typed.objects.filter(Q(path=path) | Q(path__startswith=f"{path}#"), user=user)
    taken_up = {one.path: one.fields for one in kept}
    for room in (path, *(f"{path}#{number}" for number in range(1, MOST))):
        if room not in taken_up or _same_form(taken_up[room], given):
            return room
    return path


def _same_form(one: Sequence[Sequence[str]], other: Sequence[Sequence[str]]) -> bool:
    """Whether what was sent is of one form: all typed fields of one are fields of the other, or only boxes differ.

    What is not ticked is not sent: of a form of nothing but boxes no field may be the same.
    """
    typed, else_typed = ({name for name, _ in fields} - _NOTHING_TYPED for fields in (one, other))
    ticked = {name for fields in (one, other) for name, value in fields if value == _TICKED}
    return typed <= else_typed or else_typed <= typed or typed - ticked == else_typed - ticked


def _is_form(path: str) -> bool:
    """Whether it is an address of the desk, of a page where things are typed."""
    if not path.startswith("/") or path.startswith("//") or len(path) > 500:
        return False
    found = _page(path)
    return found is not None and found.namespace == "desk" and found.url_name not in _NEVER


def _page(path: str) -> ResolverMatch | None:
    """What answers at this address, if anything does."""
    try:
        return resolve(urlsplit(path).path)
    except Resolver404:
        return None
