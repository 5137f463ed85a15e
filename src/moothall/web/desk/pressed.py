"""What is sent twice counts once: a form carries a key, which is kept in the transaction of what the form does."""

from uuid import UUID, uuid4

from django.db import connection
from django.utils.translation import gettext_lazy as _

from moothall.web.desk.request import DeskRequest

AGAIN = _("That was done already: it was sent twice, and counts once.")
_KEEP = """
    INSERT INTO api_storedanswer (user_id, key, request_digest, status, at) VALUES (%s, %s, 'desk', 200, %s)
    ON CONFLICT (user_id, key) DO NOTHING RETURNING id
"""


def key() -> str:
    """A key for a form that is shown."""
    return str(uuid4())


def first(request: DeskRequest) -> bool:
    """Whether what the form carries was not sent before; also true of a form without a key.

    To be asked in the transaction of what the form does: a second request waits here for the first.
    """
    try:
        given = UUID(request.POST.get("key", ""))
    except ValueError:
        return True
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [request.user.pk, f"desk {given}", request.now])
        return cursor.fetchone() is not None
