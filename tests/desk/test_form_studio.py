"""The form studio at the desk: a form copied, changed, undone, walked through, held against what is in force, and published."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import SignInAs
from tests.forms.conftest import Publish, publish
from tests.forms.test_drafts import KEY

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry
from moothall.domain.forms import actions, definition
from moothall.domain.forms.models import Form, FormVersion, Sketch, SketchRevision

__all__ = ["publish"]
WRITING = [Permission.SIGN_IN, Permission.EDIT_FORMS]


def on(sketch: Sketch) -> int:
    sketch.refresh_from_db()
    return sketch.number


def begun(browser: Client) -> Sketch:
    version = FormVersion.objects.get(form__key=KEY)
    answer = browser.post("/desk/studio/begin/", {"how": "copy", "copy": version.pk, "name": ""})
    assert answer.status_code == 302, answer.content.decode()
    return Sketch.objects.latest("pk")


def said(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return re.sub(r"\s+", " ", answer.content.decode())


def now_says(sketch: Sketch) -> Any:
    return SketchRevision.objects.get(sketch=sketch, number=on(sketch)).definition


def test_a_form_is_copied_with_its_blocks_changed_question_by_question_undone_and_gone_back_to(
    publish: Publish, make_user: MakeUser, officer: User, sign_in_as: SignInAs
) -> None:
    publish()
    writer = make_user("Wyn Writer", "form_writers", permissions=WRITING, services=["missed_bin"])
    stranger = make_user("Bo Badges", "badge_writers", permissions=WRITING, services=["blue_badge"])
    browser = sign_in_as(writer)
    sketch = begun(browser)
    one = f"/desk/studio/{sketch.pk}/"
    first = now_says(sketch)
    assert any("block" in asked for page in first["pages"] for asked in page.get("questions", [])), "blocks stay blocks"
    shown = said(browser, one)
    for words in ("Report a missed bin", "No faults", "Standard block", "Wyn Writer"):
        assert words in shown, words
    assert "One of several answers" in said(browser, f"{one}add/pages.1.questions/")

    # A question is added without its answers, of which a fault tells at its place; then it has some.
    new = {"label": "What colour?", "label_cy": "Pa liw?", "on": on(sketch)}
    answer = browser.post(f"{one}add/pages.1.questions/choice/", new)
    place = now_says(sketch)["pages"][1]["questions"]
    where = f"{one}part/pages.1.questions.{len(place) - 1}/"
    assert answer["Location"] == where
    assert "needs one of options" in said(browser, where)
    assert "1 fault keeps it from being published" in said(browser, one)
    options = {"option_count": 3, "option_0_label": "Blue", "option_0_label_cy": "Glas", "option_1_label": "Red bin"}
    options |= {"option_1_label_cy": "Bin coch"}
    assert browser.post(where, {**new, **options, "on": on(sketch)}).status_code == 302
    kept = now_says(sketch)["pages"][1]["questions"][-1]
    assert (kept["id"], [option["key"] for option in kept["options"]]) == ("what_colour", ["blue", "red_bin"])
    assert "No faults" in said(browser, one)

    # It is asked under a condition built of a question, a comparison and a value.
    when = f"{one}condition/pages.1.questions.{len(place) - 1}.when/"
    assert "Which bin" in said(browser, when)
    built = browser.post(f"{when}?about=answers.bins", {"how": "has", "value": "food", "step": "add", "on": on(sketch)})
    assert built.status_code == 302, built.content.decode()
    assert now_says(sketch)["pages"][1]["questions"][-1]["when"] == "'food' in answers.bins"
    assert "includes" in said(browser, when)
    wrong = {"condition": "answers.nobody == 1", "step": "text", "on": on(sketch)}
    assert browser.post(when, wrong).status_code == 302
    assert "nobody" in said(browser, f"{one}publish/")
    undone = browser.post(f"{one}undo/", {"on": on(sketch)})
    assert undone.status_code == 302
    assert now_says(sketch)["pages"][1]["questions"][-1]["when"] == "'food' in answers.bins"

    # Who was too late is told, and what they typed stands.
    late = browser.post(where, {"label": "Mine", "label_cy": "F’un i", "on": 1})
    assert late.status_code == 422
    assert "Wyn Writer changed this form" in late.content.decode()
    assert 'value="Mine"' in late.content.decode()
    assert f'name="on" value="{on(sketch)}"' in late.content.decode()
    for path in ("move/pages.0/", "remove/pages.0/"):
        browser.post(f"{one}{path}", {"on": 1, "way": "down"})
    assert now_says(sketch)["pages"][0] == first["pages"][0]

    # Moved, removed, undone, and back to how it began: nothing is lost on the way.
    before = now_says(sketch)
    browser.post(f"{one}move/pages.1/", {"on": on(sketch), "way": "up"})
    assert now_says(sketch)["pages"][0] == before["pages"][1]
    browser.post(f"{one}remove/pages.0/", {"on": on(sketch)})
    assert len(now_says(sketch)["pages"]) == len(before["pages"]) - 1
    for _again in range(2):
        browser.post(f"{one}undo/", {"on": on(sketch)})
    assert now_says(sketch) == before
    assert "Undone: as it was in revision" in said(browser, f"{one}history/")
    browser.post(f"{one}undo/", {"on": on(sketch), "to": 1})
    assert now_says(sketch) == first
    browser.post(f"{one}undo/", {"on": on(sketch)})
    assert now_says(sketch) == before

    # The file is that of a service's folder, and comes back as the same form.
    text = browser.get(f"{one}file/").content
    assert definition.to_data(definition.parse(text, file="x")) == before
    browser.post(f"{one}take/", {"on": on(sketch), "file": SimpleUploadedFile("x.yaml", text)})
    assert now_says(sketch) == before
    refused = browser.post(f"{one}take/", {"on": on(sketch), "file": SimpleUploadedFile("x.yaml", b"key: [")})
    assert refused.status_code == 422

    assert sign_in_as(stranger).get(one).status_code == 404
    assert sign_in_as(officer).get("/desk/studio/").status_code == 403
    assert browser.post(f"{one}publish/", {"on": on(sketch), "over": 1}).status_code == 404, "needs forms.publish"
    assert browser.post(f"{one}put-away/", {"on": on(sketch)}).status_code == 302
    assert browser.get(one).status_code == 404


def test_a_form_is_walked_through_and_tested_without_storing_anything_then_published_and_stays_when_the_folder_is_loaded(
    publish: Publish, make_user: MakeUser, sign_in_as: SignInAs
) -> None:
    publish()
    allowed = [*WRITING, Permission.PUBLISH_FORMS, Permission.MANAGE_SERVICES]
    browser = sign_in_as(make_user("Pat Publisher", "publishers", permissions=allowed, services=["missed_bin"]))
    held = actions.start(KEY, by=None, at=timezone.now())
    sketch = begun(browser)
    one = f"/desk/studio/{sketch.pk}/"

    # The walk: a wrong answer is refused in Welsh, the right one leads on, and back.
    walk = f"{one}preview/?language=cy"
    page = said(browser, walk)
    assert 'lang="cy"' in page

    def so_far(text: str) -> str:
        found = re.search(r'name="so_far" value="([^"]+)"', text)
        assert found
        return found[1]

    wrong = browser.post(walk, {"so_far": so_far(page), "page": "where"})
    assert wrong.status_code == 422
    home = {"line1": "4 Sample Street", "town": "Exampleton", "postcode": "EX1 2AB"}
    given = {f"bin_address__{part}": value for part, value in home.items()}
    right = browser.post(walk, {"so_far": so_far(page), "page": "where", **given})
    assert 'name="page" value="bin"' in right.content.decode()
    back = browser.post(walk, {"so_far": so_far(right.content.decode()), "to": "where"})
    assert "4 Sample Street" in back.content.decode()
    assert "4 Sample Street" not in so_far(right.content.decode())
    tampered = browser.post(walk, {"so_far": "nonsense", "page": "bin"})
    assert 'name="page" value="where"' in tampered.content.decode()

    assert "All came out as they say" in said(browser, f"{one}test/")
    for path in (
        "flow/",
        "about/",
        "rest/",
        "part/fee/",
        "part/destinations.0/",
        "add/tables/table/",
        "add/values/value/",
    ):
        said(browser, f"{one}{path}")
    assert browser.get(f"{one}flow.svg").content.startswith(b"<svg")

    # A change is compared, told for people inside, and published at once.
    data = now_says(sketch)["pages"][1]["questions"][0]
    label = {"label": "Which of your bins was missed?", "label_cy": "Pa un o’ch biniau?", "on": on(sketch)}
    options = {"option_count": len(data["options"])}
    for number, option in enumerate(data["options"]):
        options |= {f"option_{number}_key": option["key"], f"option_{number}_label": option["label"]["en"]}
        options |= {f"option_{number}_label_cy": option["label"]["cy"]}
    changed = browser.post(f"{one}part/pages.1.questions.0/", {**label, **options})
    assert changed.status_code == 302, changed.content.decode()
    compared = said(browser, f"{one}publish/")
    for words in ("is worded differently", "asked to check the answer", "1 person has begun the form"):
        assert words in compared, words
    assert browser.post(f"{one}publish/", {"on": on(sketch) - 1, "over": 1}).status_code == 409
    assert browser.post(f"{one}publish/", {"on": on(sketch), "over": 7}).status_code == 409
    assert browser.post(f"{one}publish/", {"on": on(sketch), "over": 1}).status_code == 302
    row = Form.objects.select_related("current").get(key=KEY)
    assert row.current is not None
    assert (row.by_hand, row.current.number) == (True, 2)
    assert Entry.objects.filter(action="form.published").count() == 1
    assert (
        actions.resume(held.draft.key, token=held.token, by=None, at=timezone.now())
        .journey.plan.form.questions[data["id"]]
        .label.en
        == label["label"]
    )

    # The service's folder published again leaves it, until the file is taken.
    publish(("Report a missed bin", "Report a bin that was missed"))
    row.refresh_from_db()
    assert row.current.number == 2
    shown = said(browser, f"/desk/forms/{KEY}/")
    assert "made in the form studio" in shown
    assert browser.post(f"/desk/forms/{KEY}/take-file/", {"over": 1}).status_code == 302
    row.refresh_from_db()
    assert row.by_hand, "somebody was first"
    assert browser.post(f"/desk/forms/{KEY}/take-file/", {"over": 2}).status_code == 302
    row.refresh_from_db()
    assert (row.by_hand, row.current.definition["name"]["en"]) == (False, "Report a bin that was missed")

    # A form begun from nothing is published beside it, and stays too.
    browser.post("/desk/studio/begin/", {"how": "nothing", "service": "missed_bin", "name": "Ask for a bin"})
    new = Sketch.objects.latest("pk")
    address = f"/desk/studio/{new.pk}/"
    assert "neither asks nor says anything" in said(browser, f"{address}publish/")
    browser.post(
        f"{address}add/pages.0.questions/block/?block=name_and_title",
        {"block": "name_and_title", "known": "on", "facts": "on", "on": on(new)},
    )
    browser.post(f"{address}part/destinations.0/", {"to": "case", "type": "missed", "on": on(new)})
    browser.post(f"{address}part/fee/", {"how": "amount", "amount": "12.50", "on": on(new)})
    assert "No faults" in said(browser, address), said(browser, f"{address}publish/")
    assert browser.post(f"{address}publish/", {"on": on(new), "over": 0}).status_code == 302
    publish()
    assert Form.objects.get(key="missed_bin.ask_for_a_bin").current is not None
