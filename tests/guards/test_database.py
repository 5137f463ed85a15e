"""The database agrees with the models, and tests leave this machine alone."""

import socket

import pytest
from django.core.management import call_command
from pytest_socket import SocketConnectBlockedError


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_test_that_calls_another_machine_fails() -> None:
    with (
        socket.socket() as outside,
        pytest.warns(UserWarning, match="192.0.2.1"),
        pytest.raises(SocketConnectBlockedError),
    ):
        outside.connect(("192.0.2.1", 80))
