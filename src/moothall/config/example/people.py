"""Who works at the example council: one for each role."""

from dataclasses import dataclass
from datetime import datetime

from moothall.config.demo.council import EXAMPLE
from moothall.core.accounts.actions import create_user, define_group, set_password, system_user
from moothall.core.accounts.models import EVERY_SERVICE, User
from moothall.core.accounts.permissions import Permission
from moothall.core.council import settings as council
from moothall.domain.cases.models import Case

ADDRESSES = "@council.example.org"
ADMINISTRATORS = "administrators"


@dataclass(frozen=True)
class Member:
    """Somebody of the staff, and the security groups they are in."""

    name: str
    role: str
    groups: tuple[str, ...]

    @property
    def email(self) -> str:
        return self.name.lower().replace(" ", ".") + ADDRESSES


STAFF = (
    Member("Olive Officer", "officer", ("blue_badge_officers",)),
    Member("Oscar Officer", "second officer", ("blue_badge_officers",)),
    Member("Asha Assessor", "expert assessor", ("blue_badge_assessors",)),
    Member("Vera Viewer", "contact centre", ("blue_badge_viewers",)),
    Member("Mandla Manager", "manager", ("blue_badge_managers",)),
    Member("Ada Administrator", "administrator", (ADMINISTRATORS, "blue_badge_managers")),
)


class NotTheExample(Exception):
    """The database belongs to somebody else. Its sentence may be shown."""


def refuse_others() -> None:
    """Raise NotTheExample when this database is a council's own: before anything of the example is written to it."""
    others = User.objects.filter(kind=User.Kind.PERSON).exclude(email__endswith=ADDRESSES)
    if others.exists():
        raise NotTheExample("People who are not of the example council work in this database. Give it one of its own.")
    name = council.read(council.Council).name
    if name not in {"", EXAMPLE.name} or (name == "" and Case.objects.exists()):
        raise NotTheExample("This database holds a council that is not the example. Give the example one of its own.")


def hire(*, password: str, at: datetime) -> dict[str, User]:
    """The staff by e-mail address, each with this password. Services must be published: they define the groups.

    Raises NotTheExample when somebody else works in this database.
    """
    refuse_others()
    by = system_user()
    every = [str(permission) for permission in Permission]
    define_group(key=ADMINISTRATORS, name="Administrators", permissions=every, services=[EVERY_SERVICE], by=by, at=at)
    found = {}
    for member in STAFF:
        user = User.objects.filter(email=member.email).first()
        if user is None:
            user = create_user(
                email=member.email,
                full_name=member.name,
                password=password,
                groups=list(member.groups),
                by=by,
                at=at,
            )
        elif not user.check_password(password):
            set_password(user, password=password, by=by, at=at)
        found[member.email] = user
    return found
