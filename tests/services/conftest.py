"""The services that come with the product, published."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from moothall.config.management.commands import services
from moothall.core.accounts.actions import system_user
from moothall.domain.catalogue import actions, catalogue
from moothall.domain.catalogue.models import Service
from moothall.domain.workflow import published

PublishService = Callable[[str], Service]
SERVICES = {folder.name: services.read(folder) for folder in services.built_in()}


@pytest.fixture
def publish_service(db: None) -> PublishService:
    """`publish_service("blue_badge")`: the service as its folder declares it, with its groups, lists and letters."""
    catalogue.forget()
    published.forget()

    def publish(key: str) -> Service:
        return actions.publish(SERVICES[key], by=system_user(), at=datetime(2026, 3, 2, 9, tzinfo=UTC)).service

    return publish
