from datetime import UTC, datetime

import pytest

from moothall.core.accounts import actions
from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PASSWORD = "a long enough passphrase"


@pytest.fixture
def administrator(db: None) -> User:
    user = User.objects.create_user("admin@example.org", full_name="Ada Administrator")
    administering = [permission for permission in Permission if permission.startswith("administration.")]
    user.groups.add(
        SecurityGroup.objects.create(
            key="administrators", name="Administrators", permissions=[Permission.API, *administering]
        )
    )
    return user


@pytest.fixture
def officer(administrator: User) -> User:
    actions.define_group(
        key="officers",
        name="Officers",
        permissions=[Permission.API, Permission.VIEW_CASES],
        services=["parking"],
        by=administrator,
        at=NOON,
    )
    return actions.create_user(
        email="Olive@Example.org",
        full_name="Olive Officer",
        password=PASSWORD,
        groups=["officers"],
        by=administrator,
        at=NOON,
    )
