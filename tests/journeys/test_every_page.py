"""Every page of the desk, taken from its addresses: axe finds nothing on it, at a desk and on the narrowest phone."""

from datetime import datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.desk.conftest import (
    SignInAs,
    sign_in_as,  # noqa: F401 - fixture
)
from tests.guards.test_desk import address, pages
from tests.journeys.conftest import Faults, OpenPage
from tests.journeys.everything import Given, prepare

from moothall.config.demo.council import EXAMPLE
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.council import settings as council
from moothall.domain.catalogue.models import Service

pytestmark = pytest.mark.django_db(transaction=True)
# What answers GET and is no page of its own. A new page cannot be put here without a reason.
NO_PAGE = {
    "sign_in": "who is signed in is led on; looked at below before that",
    "brand": "the council's colours",
    "pick_outcome": "leads on to the outcome picked",
    "work_export": "a file",
    "money_export": "a file",
    "tile_csv": "a file",
    "to_do_export": "a file",
    "case_file": "a file",
    "case_picture": "a picture",
    "thumbnail": "a picture",
    "framed": "a picture",
    "diagram": "a picture",
    "studio_drawn": "a picture",
    "studio_file": "a file",
    "opinion_document": "a file",
    "gazetteer_rejects": "a file",
    "import_rows": "a file",
    "map_wards": "what a script draws on maps",
    "typed_fields": "what a script puts back into a form",
}
# What stands in a template comes through the editor as it was, its placeholders and conditions too.
KEPT = """[...document.querySelectorAll("textarea[data-placeholders]")].map(area => {
    const before = area.value;
    area.parentElement.querySelector(".app-editor__page").dispatchEvent(new Event("input"));
    return area.value === before ? "" : `the editor of ${area.id} makes another text of it`;
}).filter(Boolean)"""


def shown(client: Client) -> list[str]:
    """The names of what answers GET, as the address itself says when asked otherwise."""
    return [str(page.name) for page in pages() if "GET" in client.put(address(page))["Allow"]]


def located(name: str, kinds: dict[str, Any], given: dict[str, Given]) -> str:
    """Where this page shows something."""
    own = given.get(name, {})
    values = {key: value for key, value in (given[""] | own).items() if key in kinds}
    assert values.keys() == kinds.keys(), f"Make something for the page “{name}” in everything.py."
    question = f"?{own['?']}" if "?" in own else ""
    return reverse(f"desk:{name}", kwargs=values) + question


def test_every_page_is_sound_at_a_desk_and_cuts_nothing_on_the_narrowest_phone(
    open_page: OpenPage,
    desk: str,
    faults: Faults,
    service: Service,
    officer: User,
    administrator: User,
    manager: User,
    noon: datetime,
    sign_in_as: SignInAs,  # noqa: F811
) -> None:
    council.write(EXAMPLE, by=system_user(), at=noon)
    for group in SecurityGroup.objects.all():
        Membership.objects.get_or_create(user=administrator, group=group)
    page = open_page()
    page.goto("/desk/sign-in/")
    found = {"sign_in": faults(page, narrow=True)}
    client = sign_in_as(administrator)
    given = prepare(service, officer=officer, all_rights=administrator, signed_in=client, at=noon)
    kinds = {str(one.name): one.pattern.converters for one in pages()}
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": desk}])

    names = shown(client)
    assert NO_PAGE.keys() <= set(names)
    for name, where in [(one, located(one, kinds[one], given)) for one in names if one not in NO_PAGE]:
        answer = page.goto(where)
        assert answer is not None
        if answer.status != 200 or not page.url.endswith(where):
            found[name] = [f"{answer.status} at {page.url}"]
            continue
        found[name] = faults(page, narrow=True) + page.evaluate(KEPT)
    assert {name: these for name, these in found.items() if these} == {}
    assert len(found) > 80
