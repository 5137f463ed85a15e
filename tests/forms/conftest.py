"""A service with a form, published."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from moothall.config.management.commands import services
from moothall.core.accounts.actions import system_user
from moothall.domain.catalogue import actions, catalogue
from moothall.domain.forms import published as published_forms
from moothall.domain.workflow import published

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
MISSED_BIN = next(folder for folder in services.built_in() if folder.name == "missed_bin")
Publish = Callable[..., None]


@pytest.fixture
def publish(db: None) -> Publish:
    """`publish((old, new), …)`: the missed bin service, with these texts of its form replaced."""
    catalogue.forget()
    published.forget()
    published_forms.forget()

    def doing(*replaced: tuple[str, str]) -> None:
        read = services.read(MISSED_BIN)
        files = dict(read.files)
        for old, new in replaced:
            assert old in files["forms/report.yaml"]
            files["forms/report.yaml"] = files["forms/report.yaml"].replace(old, new)
        actions.publish(services.bundle.parse(files), by=system_user(), at=NOON)

    return doing
