"""The council whose gazetteer is brought in has custodian code 9999."""

import pytest
from tests.places.supplied import NOON

from moothall.core.accounts.actions import system_user
from moothall.core.council import settings
from moothall.domain.places.gazetteer.supplies import Gazetteer


@pytest.fixture
def custodian(db: None) -> None:
    settings.write(Gazetteer(custodian=9999), by=system_user(), at=NOON)
