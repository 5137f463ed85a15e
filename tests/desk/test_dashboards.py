"""Dashboards: figures that equal the work list, each as whoever looks may see it; who makes them, and for whom."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page
from tests.desk.test_work import WORK, listed

from moothall.core.accounts.models import EVERY_SERVICE, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access, Entry
from moothall.domain.cases.models import Case, WorkItem, WorkLine
from moothall.web.desk import dashboard_figures, dashboards
from moothall.web.desk.dashboards import About, Figure
from moothall.web.desk.models import Dashboard, DashboardTile, WorkView

pytestmark = pytest.mark.django_db
HERE = "/desk/dashboards/"
MOST_STATEMENTS = 16
BARS = [kind.value for kind in DashboardTile.Kind if kind.value.startswith("by_")]
Compose = Callable[..., Dashboard]


@pytest.fixture
def lead(manager: User) -> User:
    """A manager who makes dashboards for everybody, and sees what the officers see."""
    made = {"name": "Makers", "permissions": [Permission.EDIT_DASHBOARDS], "services": [EVERY_SERVICE]}
    manager.groups.add(SecurityGroup.objects.create(key="dashboard_makers", **made))
    return User.objects.get(pk=manager.pk)


@pytest.fixture
def compose(lead: User, noon: datetime) -> Compose:
    """`compose(("number", "tab=all"), …, groups=[…])`: a dashboard of the manager's with these tiles."""

    def make(*tiles: tuple[str, str], **about: Any) -> Dashboard:
        made = dashboards.make(About(**{"name": "The team", **about}), by=lead, at=noon)
        for place, (kind, query) in enumerate(tiles):
            figure = Figure(title=f"{kind} {place}", kind=kind, query=query)
            dashboards.add_tile(made, figure, key=DashboardTile().key, by=lead, at=noon)
        return made

    return make


def address(tile: DashboardTile, then: str = "") -> str:
    return f"{HERE}{tile.dashboard_id}/tiles/{tile.pk}/{then}"


def drilled(client: Client, link: str) -> int:
    """How many work items the list has that a link of a tile leads to."""
    path, _, query = link.partition("?")
    assert path == WORK
    return len(listed(client, **parse_qs(query)))


def counts(client: Client, tile: DashboardTile) -> list[tuple[str, int, str]]:
    """Label, number and link of each row of the tile's table."""
    answer = client.get(address(tile))
    page = Page.of(answer)
    labels = [(text, around[-1][1].get("href", "")) for around, text in page.texts
              if any(given.get("scope") == "row" for _tag, given in around)]  # fmt: skip
    numbers = [int(text) for around, text in page.texts if around[-1][1].get("class") == "app-dash__count"]
    return [(text, number, href) for (text, href), number in zip(labels, numbers, strict=True)]


@pytest.mark.parametrize("narrower", ["", "&without_tag=terminal_illness&days_from=3&days_to=60"])
def test_each_number_and_bar_equals_the_list_it_leads_to(
    narrower: str,
    at_desk: Client,
    tagged: tuple[Case, Case],
    make_case: OpenCase,
    compose: Compose,
    lead: User,
    officer: User,
    second_officer: User,
    at: datetime,
) -> None:
    hers, old = make_case(at=at, by=second_officer), make_case(at=at)
    WorkItem.objects.filter(case=old).update(entered_at=timezone.now() - timedelta(days=40))
    query = f"tab=all&updated=any{narrower}"
    made = compose(("number", query), *((kind, query) for kind in BARS))
    whole = len(listed(at_desk, **parse_qs(query)))
    assert whole
    for tile in made.tiles.all():
        shown = counts(at_desk, tile)
        for label, number, link in shown:
            assert drilled(at_desk, link) == number, (tile.kind, label)
        if tile.kind != "number":
            assert sum(number for _, number, _ in shown) == whole, tile.kind
            assert all(number for _, number, _ in shown)
    number = Page.of(at_desk.get(address(made.tiles.get(kind="number"))))
    assert number.text("p", class_="app-dash__number").startswith(f"{whole} work item")
    file = b"".join(at_desk.get(address(made.tiles.get(kind="by_officer"), "csv/"))).decode("utf-8-sig")  # type: ignore[call-overload]
    assert file.splitlines()[0] == "Officer,Work items"
    assert file.splitlines()[-1] == f"All,{whole}"
    assert hers.reference in listed(at_desk, updated="any")
    assert at_desk.get(f"{HERE}{made.pk}/?whole=1").content.decode().count("app-dash__count") >= len(BARS)


def test_completed_work_is_counted_as_its_list_is(
    at_desk: Client, make_case: OpenCase, compose: Compose, officer: User
) -> None:
    case = make_case(at=timezone.now() - timedelta(days=9), by=officer)
    now = timezone.now()
    WorkItem.objects.filter(case=case).update(finished_at=now, finished_by=officer, outcome="proceed")
    query = "tab=all&state=completed"
    made = compose(("number", query), *((kind, query) for kind in BARS if kind != "by_target"))
    for tile in made.tiles.exclude(kind="number"):
        assert [(number, drilled(at_desk, link)) for _, number, link in counts(at_desk, tile)] == [(1, 1)], tile.kind
    assert "1 work item" in Page.of(at_desk.get(address(made.tiles.get(kind="number")))).text("p")


def test_where_there_is_more_than_is_counted_each_bar_is_counted_as_far(
    at_desk: Client, tagged: tuple[Case, Case], make_case: OpenCase, compose: Compose, at: datetime, monkeypatch: Any
) -> None:
    make_case(at=at)
    monkeypatch.setattr(dashboard_figures, "COUNTED", 1)
    made = compose(("number", "tab=all"), ("by_stage", "tab=all"), ("by_officer", "tab=all"))
    number, stage, by_officer = made.tiles.all()
    assert "More than 1" in Page.of(at_desk.get(address(number))).text("p", class_="app-dash__number")
    assert "More than 1" in Page.of(at_desk.get(address(stage))).text("td")
    texts = Page.of(at_desk.get(address(by_officer))).text("tbody")
    assert texts == "Nobody More than 1 Me 1"


def test_each_sees_only_what_their_groups_may_see_and_is_told_of_filters_they_may_not_use(
    sign_in_as: SignInAs,
    officer: User,
    assessor: User,
    viewer: User,
    make_case: OpenCase,
    compose: Compose,
    at: datetime,
) -> None:
    case = make_case(at=at)
    stage = "tab=all&stage=blue_badge.application%2Finitial_checks"
    made = compose(("number", "tab=all"), ("list", "tab=all"), ("number", stage))
    number, rows, narrowed = made.tiles.all()
    SecurityGroup.objects.filter(key="blue_badge_viewers").update(services=["bins"])

    assert case.reference in Page.of(sign_in_as(officer).get(address(rows))).text("tbody")
    assert Access.objects.filter(via="desk dashboard", user=officer, detail__found=1).count() == 1
    for user in (assessor, viewer):
        client = sign_in_as(user)
        assert Page.of(client.get(address(number))).text("p", class_="app-dash__number").startswith("0")
        assert case.reference not in client.get(address(rows)).content.decode()
    text = Page.of(sign_in_as(assessor).get(address(narrowed))).text("section")
    assert "under “Stage” is not there any more, or you may not see it" in text
    assert Access.objects.filter(via="desk dashboard").exclude(user=officer).count() == 0


def test_a_dashboard_is_found_by_whom_it_is_for_and_changed_by_who_may(
    at_desk: Client, sign_in_as: SignInAs, lead: User, assessor: User, stranger: User, noon: datetime
) -> None:
    given = {"name": "Officers", "audience": "groups", "groups": ["blue_badge_officers"], "first": "on"}
    SecurityGroup.objects.get_or_create(key="blue_badge_officers", defaults={"name": "Officers"})
    chief = sign_in_as(lead)
    assert chief.post(f"{HERE}add/", given | {"groups": []}).status_code == 422
    assert chief.post(f"{HERE}add/", given).status_code == 302
    made = Dashboard.objects.get()
    assert chief.post(f"{HERE}add/", given | {"name": "Another"}).status_code == 422  # there is a first page for them
    here = f"{HERE}{made.pk}/"

    assert at_desk.get(here).status_code == 200
    assert sign_in_as(assessor).get(here).status_code == 404
    assert sign_in_as(stranger).get(here).status_code == 403
    for path in ("change/", "remove/", "tiles/add/"):
        assert at_desk.get(f"{here}{path}").status_code == 403
        assert sign_in_as(assessor).post(f"{here}{path}").status_code == 404
    assert at_desk.post(f"{here}move/", {"way": "up"}).status_code == 403

    own = at_desk.post(f"{HERE}add/", {"name": "Mine", "audience": "everybody"})
    mine = Dashboard.objects.get(name="Mine")
    assert own["Location"] == f"{HERE}{mine.pk}/tiles/add/"
    assert mine.owner is not None
    assert chief.get(f"{HERE}{mine.pk}/").status_code == 404
    assert at_desk.post(f"{HERE}{mine.pk}/remove/").status_code == 302
    assert not Dashboard.objects.filter(name="Mine").exists()
    assert {"dashboard.made", "dashboard.removed"} <= set(Entry.objects.values_list("action", flat=True))


def test_who_makes_dashboards_for_one_service_leaves_those_of_others_alone(
    make_user: MakeUser, sign_in_as: SignInAs, officer: User, compose: Compose
) -> None:
    needed = [Permission.SIGN_IN, Permission.VIEW_CASES, Permission.VIEW_WORK, Permission.EDIT_DASHBOARDS]
    client = sign_in_as(make_user("Bea Bins", "bins_managers", permissions=needed, services=["bins"]))
    shared, ours = compose(("number", "tab=all")), compose(("number", "tab=all"), groups=["blue_badge_officers"])
    for made, refused in ((shared, 403), (ours, 404)):
        tile = made.tiles.get()
        for path in ("change/", "remove/", "tiles/add/", f"tiles/{tile.pk}/change/", f"tiles/{tile.pk}/remove/"):
            assert client.post(f"{HERE}{made.pk}/{path}").status_code == refused, path
    given = {"name": "Bins", "audience": "groups"}
    assert client.post(f"{HERE}add/", given | {"audience": "everybody"}).status_code == 422
    assert client.post(f"{HERE}add/", given | {"groups": ["blue_badge_officers"]}).status_code == 422
    assert client.post(f"{HERE}add/", given | {"groups": ["bins_managers"]}).status_code == 302
    assert Dashboard.objects.count() == 3


def test_who_it_is_for_begins_with_it_after_signing_in_unless_they_were_led_there(
    officer: User, assessor: User, compose: Compose, noon: datetime, sign_in_as: SignInAs
) -> None:
    made = compose(("number", "tab=all"), groups=["blue_badge_officers"], first=True)
    sign_in_as(officer), sign_in_as(assessor)  # their passwords are set

    def led(user: User, **given: str) -> str:
        secret = {"email": user.email, "password": "correct horse battery staple", **given}
        return str(Client().post("/desk/sign-in/", secret)["Location"])

    assert led(officer) == f"{HERE}{made.pk}/"
    assert led(officer, next="/desk/work/?tab=all") == "/desk/work/?tab=all"
    assert led(assessor) == "/desk/"
    own = dashboards.make(About(name="Mine", own=True, first=True), by=officer, at=noon)
    assert led(officer) == f"{HERE}{own.pk}/"


def test_a_tile_is_looked_at_saved_once_moved_changed_and_removed(
    sign_in_as: SignInAs, lead: User, compose: Compose, make_case: OpenCase, at: datetime
) -> None:
    case, made, client = make_case(at=at), compose(("number", "tab=all")), sign_in_as(lead)
    here = f"{HERE}{made.pk}/"
    view = WorkView.objects.create(user=lead, name="Due", query="tab=all&sort=target&type=new", made_at=at)
    begun = Page.of(client.get(f"{here}tiles/add/"))
    assert begun.links()["Due"] == f"?{view.query}"
    assert {"value": "new", "selected": ""}.items() <= next(
        one for one in Page.of(client.get(f"{here}tiles/add/?{view.query}")).all("option") if one["value"] == "new"
    ).items()
    form = {
        "key": "0b2c8b1e-3f6c-4e0e-8a43-5a2d4ab0f0aa",
        "title": "Due first",
        "kind": "list",
        "tab": "all",
        "rows": "5",
    }
    form |= {"sort": "target", "columns": ["stage"], "type": "new"}

    looked = Page.of(client.post(f"{here}tiles/add/", form | {"look": "1"}))
    assert case.reference in looked.text("tbody")
    assert made.tiles.count() == 1
    for _ in range(2):
        assert client.post(f"{here}tiles/add/", form | {"save": "1"}).status_code == 302
    first, tile = made.tiles.all()
    assert tile.query == "tab=all&type=new&sort=target"

    as_kept = Page.of(client.get(f"{here}tiles/add/?tab=all&sort=-stage")).all("option", value="-stage")
    assert "selected" in as_kept[0]
    wrong = {"kind": "by_officer", "tab": "mine"}, {"kind": "by_target", "state": "completed"}, {"stage": "none/such"}
    for given in (*wrong, {"title": ""}, {"columns": ["stage", "type", "age", "source", "tags", "team", "owner"]}):
        assert client.post(f"{here}tiles/add/", form | given).status_code == 422, given
    client.post(address(tile, "move/"), {"way": "up"})
    client.post(address(tile, "move/"), {"way": "up"})
    offered = Page.of(client.get(f"{here}?whole=1&arrange=1")).all("button", name="way")
    assert [one["value"] for one in offered] == ["down", "up"]
    assert not Page.of(client.get(f"{here}?whole=1")).all("button", name="way")
    assert [one.pk for one in made.tiles.all()] == [tile.pk, first.pk]

    change = form | {"title": "Due soon", "seen": "1"}
    assert client.post(address(tile, "change/"), change).status_code == 302
    again = client.post(address(tile, "change/"), change | {"title": "Mine"})
    assert again.status_code == 422
    assert "Somebody changed this tile meanwhile" in again.content.decode()
    view.delete()
    assert case.reference in Page.of(client.get(address(tile))).text("tbody")
    assert client.post(address(tile, "remove/")).status_code == 302
    assert [one.title for one in made.tiles.all()] == ["number 0"]


def test_a_tile_takes_as_many_statements_however_much_there_is(
    at_desk: Client, many_cases: list[Case], compose: Compose
) -> None:
    made = compose(*((kind.value, "tab=all") for kind in DashboardTile.Kind))
    asked = {}
    for few in (False, True):
        if few:
            WorkLine.objects.exclude(case=many_cases[0]).delete()
        for tile in made.tiles.all():
            at_desk.get(address(tile))
            with CaptureQueriesContext(connection) as captured:
                assert at_desk.get(address(tile), headers={"HX-Request": "true"}).status_code == 200
            asked[tile.kind, few] = len(captured)
    for kind in DashboardTile.Kind:
        assert asked[kind, False] <= asked[kind, True] + 1 <= MOST_STATEMENTS + 1, (kind, asked)


def test_a_tile_that_takes_too_long_says_so_and_the_others_come(
    at_desk: Client, make_case: OpenCase, compose: Compose, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_case(at=at)
    made = compose(("by_stage", "tab=all"), ("number", "tab=all"))
    monkeypatch.setattr(dashboard_figures, "PATIENCE", timedelta(milliseconds=50))
    slow = "SELECT bar, count(*), pg_sleep(1) FROM ({rows}) AS counted (bar) GROUP BY bar"
    monkeypatch.setattr(dashboard_figures, "_GROUPED", slow)
    answer = at_desk.get(f"{HERE}{made.pk}/?whole=1")
    assert answer.status_code == 200
    assert answer.content.decode().count("This takes too long to count just now.") == 2
    monkeypatch.undo()
    assert "too long" not in at_desk.get(f"{HERE}{made.pk}/?whole=1").content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_who_change_order_at_once_leave_every_tile_in_a_place_of_its_own(
    lead: User, compose: Compose, noon: datetime
) -> None:
    made = compose(*(("number", "tab=all") for _ in range(4)))
    tiles = list(made.tiles.all())
    together = threading.Barrier(2)

    def push(tile: DashboardTile, step: int) -> None:
        together.wait(10)
        try:
            dashboards.move_tile(tile, step, by=lead, at=noon)
        finally:
            connection.close()

    pushing = [threading.Thread(target=push, args=one) for one in ((tiles[0], 1), (tiles[1], 1))]
    for one in pushing:
        one.start()
    for one in pushing:
        one.join()
    after = list(DashboardTile.objects.filter(dashboard=made).order_by("place", "pk"))
    assert [tile.place for tile in after] == [1, 2, 3, 4]
    assert {tile.pk for tile in after} == {tile.pk for tile in tiles}


def test_no_more_than_so_many_dashboards_and_tiles(compose: Compose, lead: User, noon: datetime) -> None:
    made = compose(*(("number", "tab=all") for _ in range(dashboards.MOST_TILES)))
    with pytest.raises(dashboards.DashboardRefused, match="at most 12 tiles"):
        dashboards.add_tile(
            made, Figure(title="One more", kind="number", query="tab=all"), key=DashboardTile().key, by=lead, at=noon
        )
    rows = [Dashboard(name=str(number), place=number, made_at=noon) for number in range(dashboards.MOST)]
    Dashboard.objects.bulk_create(rows)
    with pytest.raises(dashboards.DashboardRefused, match="50 dashboards"):
        dashboards.make(About(name="One more"), by=lead, at=noon)
