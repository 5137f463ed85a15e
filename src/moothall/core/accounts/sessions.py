"""Sessions in the database, each read by a statement planned once: every request of the desk begins with it."""

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from moothall.core import planned
from moothall.core.rows import Rows

_SESSION = Rows(Session, "s")
_LIVING = f"""
    SELECT {_SESSION.selected} FROM {Session._meta.db_table} s WHERE s.session_key = %s AND s.expire_date > %s
"""  # noqa: S608 - names of the model


class SessionStore(db.SessionStore):
    """Django's own, but for how a session is read."""

    def _get_session_from_db(self) -> Session | None:
        with planned.cursor() as cursor:
            cursor.execute(_LIVING, [self.session_key, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            self._session_key = None
            return None
        return _SESSION.instance(row)
