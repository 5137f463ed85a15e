"""The council these tests call, and somebody who may sign in to it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.api import world as worlds
from tests.api.world import World

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import catalogue
from moothall.domain.workflow import published

PASSWORD = "a long enough passphrase"


@pytest.fixture(autouse=True)
def documents_in_a_folder_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def world(db: None) -> Iterator[World]:
    catalogue.forget()
    published.forget()
    yield worlds.build()
    catalogue.forget()
    published.forget()


def make_user(name: str, *permissions: Permission, services: tuple[str, ...] = ()) -> User:
    """A user called `name` in a group of the same name."""
    user = User.objects.create_user(f"{name}@example.org", full_name=name.title())
    facts = {"name": name, "permissions": [Permission.API, *permissions], "services": list(services)}
    user.groups.add(SecurityGroup.objects.create(key=name, **facts))
    return user
