"""Somebody signed in at the desk, and pages as their readers find them."""

from collections.abc import Callable

import pytest
from django.test import Client

from moothall.core.accounts.models import User

SignInAs = Callable[[User], Client]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def sign_in_as() -> SignInAs:
    """`sign_in_as(officer)`: a browser with their session."""

    def sign_in(user: User) -> Client:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        client = Client()
        response = client.post("/desk/sign-in/", {"email": user.email, "password": PASSWORD})
        assert response.status_code == 302, response.content.decode()
        return client

    return sign_in


@pytest.fixture
def at_desk(sign_in_as: SignInAs, officer: User) -> Client:
    """The officer's browser, signed in."""
    return sign_in_as(officer)
