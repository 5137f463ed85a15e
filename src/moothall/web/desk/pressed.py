"""What is sent twice counts once: a form carries a key, which is kept in the transaction of what the form does."""

from collections.abc import Callable
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from moothall.web.api.models import StoredAnswer, claim, was_claimed
from moothall.web.desk.request import DeskRequest

AGAIN = _("That was done already: it was sent twice, and counts once.")


def key() -> str:
    """A key for a form that is shown."""
    return str(uuid4())


def before(request: DeskRequest) -> bool:
    """Whether what the form carries was done already, so that what it asks may not be there to be asked any more."""
    given = _given(request)
    return given is not None and was_claimed(user=request.user.pk, key=given)


def first(request: DeskRequest) -> bool:
    """Whether what the form carries was not sent before; also true of a form without a key.

    To be asked in the transaction of what the form does: a second request waits here for the first.
    """
    given = _given(request)
    if given is None:
        return True
    kept = claim(user=request.user.pk, key=given, digest="desk", at=request.now, status=200)
    return kept is not None


def once(request: DeskRequest, make: Callable[[], str]) -> str:
    """Make what the form asks for, in a transaction, and give what `make` gives; when it is sent again, what it gave then."""
    given = _given(request)
    with transaction.atomic():
        if given is None:
            return make()
        claimed = claim(user=request.user.pk, key=given, digest="desk", at=request.now, status=200)
        if claimed is None:
            return str(StoredAnswer.objects.get(user=request.user.pk, key=given).body)
        made = make()
        StoredAnswer.objects.filter(pk=claimed).update(body=made)
        return made


def made(request: DeskRequest) -> str | None:
    """What `once` gave when this was sent before; None where it was not."""
    given = _given(request)
    before = StoredAnswer.objects.filter(user=request.user.pk, key=given).first() if given else None
    return str(before.body) if before else None


def _given(request: DeskRequest) -> str | None:
    try:
        return f"desk {UUID(request.POST.get('key', ''))}"
    except ValueError:
        return None
