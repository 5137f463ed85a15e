"""The council these tests call, and somebody who may sign in to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api.standing import Standing, forget
from tests.api.world import World

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission

PASSWORD = "a long enough passphrase"


@pytest.fixture(autouse=True)
def documents_in_a_folder_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def passwords_cost_little(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="package")
def standing(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Standing]:
    """The one council of all these tests, taken away after the last of them."""
    with django_db_blocker.unblock():
        council = Standing(tmp_path_factory.mktemp("standing"))
        council.world()
    yield council
    with django_db_blocker.unblock():
        council.clear()


@pytest.fixture
def world(standing: Standing, db: None, tmp_path: Path) -> Iterator[World]:
    council = standing.world()
    standing.lay_out(tmp_path)
    yield council
    forget()


def make_user(name: str, *permissions: Permission, services: tuple[str, ...] = ()) -> User:
    """A user called `name` in a group of the same name."""
    user = User.objects.create_user(f"{name}@example.org", full_name=name.title())
    facts = {"name": name, "permissions": [Permission.API, *permissions], "services": list(services)}
    user.groups.add(SecurityGroup.objects.create(key=name, **facts))
    return user
