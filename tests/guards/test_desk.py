"""Every address of the desk says who may call it and how, holds to it, and only POST writes."""

from collections.abc import Iterator
from itertools import product

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from tests.conftest import MakeUser
from tests.desk.conftest import PASSWORD

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.web.desk import urls
from moothall.web.desk.access import NEEDS

METHODS = ("get", "post", "put", "patch", "delete")
# Open to anybody, each with the reason.
OPEN = {
    "sign_in": "one signs in here",
    "sign_out": "one may be signed out already",
    "typed_keep": "a session may be over as its page keeps what was typed, for who signed in last in the browser",
    "brand": "the page one signs in on has the council's colours",
}


def pages(*, with_needs: bool = False) -> Iterator[URLPattern]:
    for pattern in urls.urlpatterns:
        if not with_needs or getattr(pattern.callback, NEEDS, ()):
            yield pattern


def name(pattern: URLPattern) -> str:
    return str(pattern.name)


def address(pattern: URLPattern) -> str:
    """Of something that is not there."""
    values = {key: 1 if "Int" in type(kind).__name__ else "none" for key, kind in pattern.pattern.converters.items()}
    return reverse(f"desk:{pattern.name}", kwargs=values)


@pytest.fixture
def nobody_in_particular(make_user: MakeUser) -> Client:
    """Somebody who may sign in and nothing else."""
    user = make_user("Stan Stranger", "newcomers", permissions=[Permission.SIGN_IN])
    return signed_in(user)


@pytest.fixture
def everybody(make_user: MakeUser) -> Client:
    """Somebody with every permission."""
    return signed_in(make_user("Ada Administrator", "administrators", permissions=list(Permission)))


def signed_in(user: User) -> Client:
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    client = Client()
    assert client.post("/desk/sign-in/", {"email": user.email, "password": PASSWORD}).status_code == 302
    return client


def test_every_page_says_which_permissions_it_needs_or_is_open_for_a_reason() -> None:
    silent = {name(page) for page in pages() if not hasattr(page.callback, NEEDS)}
    assert silent == OPEN.keys()


@pytest.mark.django_db
def test_who_is_not_signed_in_reaches_no_page(client: Client) -> None:
    guarded = [page for page in pages() if hasattr(page.callback, NEEDS)]
    assert len(guarded) > 200
    for page, method in product(guarded, METHODS):
        answer = getattr(client, method)(address(page))
        assert answer.status_code == 302, (method, name(page))
        assert answer["Location"].startswith("/desk/sign-in/"), (method, name(page))


@pytest.mark.django_db
def test_who_lacks_a_permission_is_refused_whatever_the_method(nobody_in_particular: Client) -> None:
    let_in = [
        f"{method} {page.name}"
        for page in pages(with_needs=True)
        for method in METHODS
        if getattr(nobody_in_particular, method)(address(page)).status_code != 403
    ]
    assert let_in == []


@pytest.mark.django_db
def test_every_page_takes_only_the_methods_it_names(everybody: Client) -> None:
    """What a page does for GET or POST it says by `require_safe`, `require_POST` or `require_http_methods`."""
    taken = [
        f"{method} {page.name}"
        for page in pages()
        for method in ("put", "patch", "delete")
        if getattr(everybody, method)(address(page)).status_code != 405
    ]
    assert taken == []
