"""Things to do over the API: listed by what follows, added, planned otherwise, completed, withdrawn (PPP-41, PPP-43)."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from tests.api.world import World

from moothall.core.accounts.models import SecurityGroup
from moothall.domain.cases.models import Intention


def new(text: str = "Ring the applicant", *, days: int = 3, **given: Any) -> dict[str, Any]:
    due = (timezone.localdate() + timedelta(days=days)).isoformat()
    return {"text": text, "type": "call", "due": due, **given}


def test_something_to_do_is_added_changed_completed_and_followed(world: World) -> None:
    officer, path = world.clients["officer"], f"/cases/{world.case().reference}/intentions"
    added = officer.post(path, new(user=world.users["officer"].pk))
    assert added.status_code == 201
    row = added.json()
    assert (row["version"], row["work_item"], row["type_label"]) == (1, None, "Ring somebody")
    one = f"/intentions/{row['id']}"
    changed = officer.patch(one, {"team": "officers", "version": 1}).json()
    assert (changed["user"], changed["team"]["key"]) == (None, "officers")
    assert officer.patch(one, {"text": "Ring him", "version": 1}).status_code == 409
    back = officer.patch(one, {"user": world.users["manager"].pk}).json()
    assert (back["user"]["name"], back["team"]) == ("Manager", None)
    wrong = officer.post(f"{one}/completion", {"then": new(type="nap")})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "body.then.type"
    done = officer.post(f"{one}/completion", {"note": "Rang.", "then": new("Look")}).json()
    assert (done["state"], done["said"]) == ("completed", "Rang.")
    following = officer.get(path).json()["items"][1]
    assert following["follows"] == row["id"]
    gone = officer.post(f"/intentions/{following['id']}/withdrawal", {"reason": "It came."}).json()
    assert (gone["state"], gone["ended_by"]["name"]) == ("withdrawn", "Officer")
    assert officer.post(f"{one}/withdrawal", {"reason": "Again."}).status_code == 409


def test_a_plan_that_makes_no_sense_names_its_fields(world: World) -> None:
    officer, path = world.clients["officer"], f"/cases/{world.case().reference}/intentions"
    for given, field in (
        (new(days=-1), "body.due"),
        (new(type="nap"), "body.type"),
        (new(user=world.users["viewer"].pk), "body.user"),
        (new(user=9_999_999), "body.user"),
        (new(team="none"), "body.team"),
        (new(user=1, team="officers"), "body.team"),
        (new(""), "body.text"),
    ):
        answer = officer.post(path, given)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field
    assert not Intention.objects.exists()


def test_what_waits_is_listed_by_what_follows_and_only_on_cases_one_may_see(world: World) -> None:
    officer, team = world.clients["officer"], SecurityGroup.objects.get(key="officers")
    for number in range(5):
        path = f"/cases/{world.case('permits', number % 3).reference}/intentions"
        assert officer.post(path, new(f"Thing {number}", days=number)).status_code == 201
    world.clients["other_officer"].post(f"/cases/{world.case('bins').reference}/intentions", new("Elsewhere"))
    for sort in ("due", "-due", "added", "-added"):
        asked, found = f"/intentions?whose=unassigned&sort={sort}&page_size=2", []
        page = officer.get(asked).json()
        while True:
            found += [row["text"] for row in page["items"]]
            if page["next"] is None:
                break
            page = officer.get(f"{asked}&after={page['next']}").json()
        wanted = [f"Thing {number}" for number in range(5)]
        assert found == (wanted[::-1] if sort.startswith("-") else wanted)
    assert officer.get("/intentions?whose=unassigned&due=today").json()["total"] == 1
    assert officer.get("/intentions?whose=all&service=bins").json()["total"] == 0
    assert officer.get("/intentions?after=nonsense").status_code == 422
    Intention.objects.filter(text="Thing 1").update(team=team)
    assert [row["text"] for row in officer.get("/intentions?whose=teams").json()["items"]] == ["Thing 1"]
    elsewhere = Intention.objects.get(text="Elsewhere")
    assert officer.patch(f"/intentions/{elsewhere.pk}", {"text": "Mine"}).status_code == 404
    viewer = world.clients["viewer"]
    assert viewer.get("/intentions?whose=all").json()["total"] == 5
    mine = Intention.objects.get(text="Thing 0")
    assert viewer.post(f"/intentions/{mine.pk}/completion", {}).status_code == 403
