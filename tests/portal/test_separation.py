"""A citizen's session opens nothing of the desk or the API, and an officer's nothing of a citizen's: all pages, both ways."""

from uuid import UUID

from django.conf import settings
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, reverse
from tests.guards.test_access import operations
from tests.guards.test_desk import address, pages
from tests.portal.conftest import Register

from moothall.core.accounts.models import User
from moothall.web.desk.access import NEEDS
from moothall.web.ops.access import MARK
from moothall.web.portal import urls
from moothall.web.portal.access import CITIZENS

METHODS = ("get", "post")


def path_of(page: URLPattern) -> str:
    kinds = {"IntConverter": 1, "UUIDConverter": UUID(int=1)}
    values = {key: kinds.get(type(kind).__name__, "none") for key, kind in page.pattern.converters.items()}
    return reverse(f"portal:{page.name}", kwargs=values)


def test_a_citizen_reaches_no_page_of_the_desk_and_no_operation_of_the_api(alma: Client) -> None:
    inside = [
        f"{method} {page.name}"
        for page in pages()
        if hasattr(page.callback, NEEDS)
        for method in METHODS
        if not getattr(alma, method)(address(page)).headers.get("Location", "").startswith("/desk/sign-in/")
    ]
    assert inside == []
    paths = {"/api/v1" + operation.path.replace("{", "").replace("}", "") for operation in operations()}
    let_in = [path for path in sorted(paths) if alma.get(path).status_code not in {401, 404, 405}]
    assert let_in == []


def test_an_officer_reaches_no_page_of_a_citizen(portal: object, at_desk: Client) -> None:
    private = [page for page in urls.urlpatterns if getattr(page.callback, MARK) == CITIZENS]
    assert len(private) > 15
    for page in private:
        for method in METHODS:
            answer = getattr(at_desk, method)(path_of(page))
            assert answer.headers.get("Location", "").startswith("/account/sign-in/"), page.name


def test_the_two_sessions_know_nothing_of_one_another_in_one_browser(alma: Client, officer: User) -> None:
    officer.set_password("correct horse battery staple")
    officer.save(update_fields=["password"])
    alma.post("/desk/sign-in/", {"email": officer.email, "password": "correct horse battery staple"})
    assert alma.get("/desk/").status_code == alma.get("/cases/").status_code == 200
    alma.post("/account/sign-out/")
    assert (alma.get("/desk/").status_code, alma.get("/cases/").status_code) == (200, 302)
    wrong = Client()
    wrong.cookies["__Host-citizen" if settings.SESSION_COOKIE_SECURE else "citizen"] = alma.cookies[
        settings.SESSION_COOKIE_NAME
    ].value
    assert wrong.get("/cases/").status_code == 302


def test_an_officers_password_does_not_sign_in_at_the_portal_nor_a_citizens_at_the_desk(
    register: Register, officer: User
) -> None:
    citizen = register("somebody@example.org", "plum tortoise window")
    officer.set_password("correct horse battery staple")
    officer.save(update_fields=["password"])
    given = {"email": officer.email, "password": "correct horse battery staple"}
    assert Client().post("/account/sign-in/", given).status_code == 422
    given = {"email": "somebody@example.org", "password": "plum tortoise window"}
    assert Client().post("/desk/sign-in/", given).status_code == 401
    assert citizen.get("/account/").status_code == 200


def test_every_page_of_the_portal_says_who_may_see_it_and_takes_no_other_method(portal: object, alma: Client) -> None:
    for page in urls.urlpatterns:
        assert getattr(page.callback, MARK)
        try:
            path = path_of(page)
        except NoReverseMatch:
            raise AssertionError(page.name) from None
        assert alma.put(path).status_code in {404, 405}, page.name
