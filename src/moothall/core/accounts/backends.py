"""Who is signed in, read with their groups at once: every request of the desk begins with it."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from moothall.core import planned
from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.rows import Rows

_USER, _GROUP = Rows(User, "u"), Rows(SecurityGroup, "g")
_WITH_GROUPS = f"""
    SELECT {_USER.selected}, {_GROUP.selected} FROM {User._meta.db_table} u
    LEFT JOIN {Membership._meta.db_table} m ON m.user_id = u.id
    LEFT JOIN {SecurityGroup._meta.db_table} g ON g.id = m.group_id
    WHERE u.id = %s
"""  # noqa: S608 - names of the models


class Backend(ModelBackend):
    """Django's own, but for how a session's user is read."""

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session while they may sign in, with `security_groups` read; None else."""
        with planned.cursor() as cursor:
            cursor.execute(_WITH_GROUPS, [user_id])
            found = cursor.fetchall()
        if not found:
            return None
        user = _USER.instance(found[0][: len(_USER)])
        if not self.user_can_authenticate(user):
            return None
        groups = [row[len(_USER) :] for row in found]
        user.security_groups = [_GROUP.instance(row) for row in groups if row[0] is not None]
        return user
