"""The form studio at the desk: a form copied, changed, undone, walked through, held against what is in force, and published."""

import re
from dataclasses import dataclass
from typing import Any, get_args

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import SignInAs
from tests.forms.conftest import Publish, publish
from tests.forms.test_drafts import KEY

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Entry
from moothall.domain.forms import actions, blocks, definition, publishing
from moothall.domain.forms.models import Form, FormVersion, Sketch, SketchRevision
from moothall.domain.forms.parts import QuestionType
from moothall.web.desk.forms.studio_question import TYPES

__all__ = ["publish"]
WRITING = [Permission.SIGN_IN, Permission.EDIT_FORMS]
HOME = {"line1": "4 Sample Street", "town": "Exampleton", "postcode": "EX1 2AB"}


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@dataclass
class Writer:
    """Somebody in the studio, with the form they are at."""

    browser: Client
    sketch: Sketch

    @property
    def on(self) -> int:
        self.sketch.refresh_from_db()
        return self.sketch.number

    @property
    def says(self) -> Any:
        return SketchRevision.objects.get(sketch=self.sketch, number=self.on).definition

    def at(self, path: str = "") -> str:
        return f"/desk/studio/{self.sketch.pk}/{path}"

    def sees(self, path: str = "") -> str:
        answer = self.browser.get(self.at(path))
        assert answer.status_code == 200, (path, answer.status_code)
        return text(answer)

    def posts(self, path: str, status: int = 302, **given: Any) -> HttpResponseBase:
        answer = self.browser.post(self.at(path), {"on": self.on, **given})
        assert answer.status_code == status, (path, answer.content.decode())
        return answer


def begin(browser: Client, **given: Any) -> Writer:
    version = FormVersion.objects.filter(form__key=KEY).latest("number")
    answer = browser.post("/desk/studio/begin/", {"how": "copy", "copy": version.pk, "name": "", **given})
    assert answer.status_code == 302, answer.content.decode()
    return Writer(browser, Sketch.objects.latest("pk"))


@pytest.fixture
def writer(publish: Publish, make_user: MakeUser, sign_in_as: SignInAs) -> Writer:
    publish()
    user = make_user("Wyn Writer", "form_writers", permissions=WRITING, services=["missed_bin"])
    return begin(sign_in_as(user))


@pytest.fixture
def publisher(publish: Publish, make_user: MakeUser, sign_in_as: SignInAs) -> Writer:
    publish()
    allowed = [*WRITING, Permission.PUBLISH_FORMS, Permission.MANAGE_SERVICES]
    return begin(sign_in_as(make_user("Pat Publisher", "publishers", permissions=allowed, services=["missed_bin"])))


def test_a_question_is_added_with_its_answers_and_a_condition_in_plain_english_and_faults_stand_at_their_place(
    writer: Writer,
) -> None:
    asked = writer.says["pages"][1]["questions"]
    included = [one for page in writer.says["pages"] for one in page.get("questions", []) if "block" in one]
    assert included, "standard blocks stay blocks"
    shown = writer.sees()
    for words in ("Report a missed bin", "No faults", "Standard block", "Wyn Writer"):
        assert words in shown, words
    assert "One of several answers" in writer.sees("add/pages.1.questions/")

    label = {"label": "What colour?", "label_cy": "Pa liw?"}
    where = f"part/pages.1.questions.{len(asked)}/"
    added = writer.posts("add/pages.1.questions/choice/", **label)
    assert added["Location"] == writer.at(where)
    assert "needs one of options" in writer.sees(where)
    assert "1 fault keeps it from being published" in writer.sees()
    options = {"option_count": 3, "option_0_label": "Blue", "option_0_label_cy": "Glas", "option_1_label": "Red bin"}
    writer.posts(where, **label, **options, option_1_label_cy="Bin coch")
    kept = writer.says["pages"][1]["questions"][-1]
    assert (kept["id"], [option["key"] for option in kept["options"]]) == ("what_colour", ["blue", "red_bin"])
    assert "No faults" in writer.sees()

    when = f"condition/pages.1.questions.{len(asked)}.when/"
    assert "Which bins were missed" in writer.sees(when)
    writer.posts(f"{when}?about=answers.bins", how="has", value="food", step="add")
    assert writer.says["pages"][1]["questions"][-1]["when"] == "'food' in answers.bins"
    assert "“Which bins were missed” includes “Food waste”" in writer.sees(when)
    writer.posts(when, condition="answers.nobody == 1", step="text")
    assert "nobody" in writer.sees("publish/")
    writer.posts("undo/")
    assert writer.says["pages"][1]["questions"][-1]["when"] == "'food' in answers.bins"


def test_every_change_is_kept_and_undone_the_second_of_two_is_told_and_a_file_is_the_same_form(
    writer: Writer, make_user: MakeUser, officer: User, sign_in_as: SignInAs
) -> None:
    first = writer.says
    writer.posts("part/pages.1/", title="Bins", title_cy="Biniau")
    before = writer.says
    assert before != first
    late = text(writer.posts("part/pages.1/", 422, title="Mine", title_cy="Fy un i", on=1))
    for words in ("Wyn Writer changed this form", 'value="Mine"', f'name="on" value="{writer.on}"'):
        assert words in late, words
    for path in ("move/pages.0/", "remove/pages.0/"):
        writer.posts(path, on=1, way="down")
    assert writer.says == before

    writer.posts("move/pages.1/", way="up")
    assert writer.says["pages"][0] == before["pages"][1]
    writer.posts("remove/pages.0/")
    assert len(writer.says["pages"]) == len(before["pages"]) - 1
    writer.posts("undo/")
    writer.posts("undo/")
    assert writer.says == before
    assert "Undone: as it was in revision" in writer.sees("history/")
    writer.posts("undo/", to=1)
    assert writer.says == first
    writer.posts("undo/")
    assert writer.says == before

    file = writer.browser.get(writer.at("file/")).content
    assert definition.to_data(definition.parse(file, file="x")) == before
    writer.posts("take/", file=SimpleUploadedFile("x.yaml", file.replace(b"Biniau", b"Y biniau")))
    assert writer.says["pages"][1]["title"]["cy"] == "Y biniau"
    writer.posts("take/", 422, file=SimpleUploadedFile("x.yaml", b"key: ["))

    stranger = make_user("Bo Badges", "badge_writers", permissions=WRITING, services=["blue_badge"])
    assert sign_in_as(stranger).get(writer.at()).status_code == 404
    assert sign_in_as(officer).get("/desk/studio/").status_code == 403
    writer.posts("publish/", 404, over=1)  # without forms.publish
    writer.posts("put-away/")
    assert writer.browser.get(writer.at()).status_code == 404


def test_a_form_is_walked_through_in_both_languages_and_tested_and_nothing_of_it_is_stored(publisher: Writer) -> None:
    walk = "preview/?language=cy"
    page = publisher.sees(walk)
    assert 'lang="cy"' in page
    assert "Ble mae’r bin?" in page

    def so_far(page: str) -> str:
        found = re.search(r'name="so_far" value="([^"]+)"', page)
        assert found
        return found[1]

    refused = text(publisher.posts(walk, 422, so_far=so_far(page), page="where"))
    assert "Rhowch y cyfeiriad" in refused
    given = {f"bin_address__{part}": value for part, value in HOME.items()}
    then = text(publisher.posts(walk, 200, so_far=so_far(page), page="where", **given))
    assert 'name="page" value="bin"' in then
    assert HOME["line1"] in text(publisher.posts(walk, 200, so_far=so_far(then), to="where"))
    assert 'name="page" value="where"' in text(publisher.posts(walk, 200, so_far="made up", page="bin"))
    due = timezone.localdate()
    days = {"due_0": due.day, "due_1": due.month, "due_2": due.year, "out_in_time": "yes"}
    for page_id, said in (("bin", {"bins": "food", "assisted": "yes"}), ("when", days)):
        then = text(publisher.posts(walk, 200, so_far=so_far(then), page=page_id, **said))
    you = {"first_names": "Ann", "last_name": "Example", "email": "ann@example.org"}
    end = text(publisher.posts(walk, 200, so_far=so_far(then), page="you", **you))
    assert "The preview ends here" in end
    assert "Ann" in end

    assert "All came out as they say" in publisher.sees("test/")
    for path in ("flow/", "about/", "rest/", "part/fee/", "part/destinations.0/", "add/tables/table/"):
        publisher.sees(path)
    assert publisher.browser.get(publisher.at("flow.svg")).content.startswith(b"<svg")


def test_a_change_is_compared_told_for_people_inside_published_at_once_and_stays_when_the_folder_is_loaded(
    publish: Publish, publisher: Writer
) -> None:
    held = actions.start(KEY, by=None, at=timezone.now())
    asked = publisher.says["pages"][1]["questions"][0]
    given: dict[str, Any] = {"label": "Which bins?", "label_cy": "Pa finiau?", "option_count": len(asked["options"])}
    for number, option in enumerate(asked["options"]):
        given |= {f"option_{number}_key": option["key"], f"option_{number}_label": option["label"]["en"]}
        given |= {f"option_{number}_label_cy": option["label"]["cy"]}
    publisher.posts("part/pages.1.questions.0/", **given)
    compared = publisher.sees("publish/")
    for words in ("is worded differently", "asked to check the answer", "1 person has begun the form"):
        assert words in compared, words
    publisher.posts("publish/", 409, on=publisher.on - 1, over=1)
    publisher.posts("publish/", 409, over=7)
    publisher.posts("publish/", over=1)
    row = Form.objects.select_related("current").get(key=KEY)
    assert row.current is not None
    assert (row.by_hand, row.current.number) == (True, 2)
    assert Entry.objects.filter(action="form.published").count() == 1
    moved = actions.resume(held.draft.key, token=held.token, by=None, at=timezone.now())
    assert moved.journey.plan.form.questions[asked["id"]].label.en == "Which bins?"

    publish(("Report a missed bin", "Report a bin that was missed"))
    page = f"/desk/forms/{KEY}/"
    assert "made in the form studio" in text(publisher.browser.get(page))
    for over, left in ((1, True), (2, False)):  # the first is too late
        assert publisher.browser.post(f"{page}take-file/", {"over": over}).status_code == 302
        row = Form.objects.select_related("current").get(key=KEY)
        assert row.by_hand is left
    assert row.current is not None
    assert row.current.definition["name"]["en"] == "Report a bin that was missed"


def test_a_form_begun_from_nothing_has_a_page_a_block_a_fee_and_a_table_and_stays_without_a_folder(
    publish: Publish, publisher: Writer
) -> None:
    new = begin(publisher.browser, how="nothing", service="missed_bin", name="Ask for a bin", copy="")
    assert "neither asks nor says anything" in new.sees("publish/")
    new.posts("add/pages.0.questions/block/?block=name_and_title", block="name_and_title", known="on", facts="on")
    new.posts("add/pages.0.questions/yes_no/", label="Is it for garden waste?", id="garden")
    new.posts("add/pages/page/", title="Afterwards", text="Thank you.")
    new.posts("part/destinations.0/", to="case", type="missed")
    inputs = {"inputs": 1, "input_0_name": "garden", "input_0_from": "answers.garden"}
    new.posts("add/tables/table/", key="price", gives="money", **inputs, rows=1, cell_0_0="yes", gives_0="12.50")
    new.posts("part/fee/", how="table", table="price")
    assert "No row fits when garden is no" in new.sees("part/tables.0/")
    rows = {"rows": 2, "cell_0_0": "yes", "gives_0": "12.50", "cell_1_0": "no", "gives_1": "0"}
    new.posts("part/tables.0/", key="price", gives="money", **inputs, **rows)
    assert "No faults" in new.sees()
    new.posts("publish/", over=0)
    block = definition.to_data(blocks.built_in()["name_and_title"])
    block["questions"][0]["hint"] = "As you like it."
    publishing.publish_block(definition.block_from_data(block, file="x"), by=system_user(), at=timezone.now())
    publish()
    row = Form.objects.select_related("current").get(key="missed_bin.ask_for_a_bin")
    assert row.current is not None
    assert row.current.definition["fee"] == {"table": "price"}
    assert row.current.number == 2, "it takes up the block as it is now"
    assert row.current.definition["pages"][0]["questions"][0]["hint"] == "As you like it."


def test_questions_of_every_type_are_added_and_changed_and_say_what_they_said(writer: Writer) -> None:
    assert {type for type, _name, _hint in TYPES} == set(get_args(QuestionType))
    places = len(writer.says["pages"][0]["questions"])
    for place, (type, _name, _hint) in enumerate(TYPES, start=places):
        text = {"statement": "It is true.", "item": "Person", "longest": "50", "least": "1", "most": "2.5"}
        writer.posts(f"add/pages.0.questions/{type}/", label=f"About {type}", label_cy=f"Am {type}", **text)
        added = writer.says["pages"][0]["questions"][place]
        again = {"label": f"About {type}", "label_cy": f"Am {type}", **text}
        writer.posts(f"part/pages.0.questions.{place}/", **again)
        assert writer.says["pages"][0]["questions"][place] == added
        assert (added["type"], added["label"]) == (type, {"en": f"About {type}", "cy": f"Am {type}"})
    group = next(n for n, one in enumerate(writer.says["pages"][0]["questions"]) if one["type"] == "group")
    writer.posts(f"add/pages.0.questions.{group}.questions/text/", label="Name", label_cy="Enw")
    assert writer.says["pages"][0]["questions"][group]["questions"][0]["id"] == "name"
    assert writer.browser.get(writer.at(f"add/pages.0.questions.{group}.questions/group/")).status_code == 404
    rule = {"check_count": 1, "check_0_rule": "answers.about_date <= today", "check_0_message": "Not in the future."}
    dated = next(n for n, one in enumerate(writer.says["pages"][0]["questions"]) if one["type"] == "date")
    writer.posts(f"part/pages.0.questions.{dated}/", label="When", label_cy="Pryd", **rule, check_0_message_cy="Na.")
    assert writer.says["pages"][0]["questions"][dated]["checks"] == [
        {"rule": "answers.about_date <= today", "message": {"en": "Not in the future.", "cy": "Na."}}
    ]
    told = {"message": "It was not yet.", "message_cy": "Ddim eto."}
    rules = f"condition/pages.0.questions.{dated}.checks"
    assert "Add a rule in plain English" in writer.sees(f"part/pages.0.questions.{dated}/")
    writer.posts(f"{rules}.1.rule/?about=answers.about_date", 422, how="past", step="add")
    writer.posts(f"{rules}.1.rule/?about=answers.about_date", how="past", step="add", **told)
    assert writer.says["pages"][0]["questions"][dated]["checks"][1] == {
        "rule": "answers.about_date < today",
        "message": {"en": "It was not yet.", "cy": "Ddim eto."},
    }
    assert "“When” is before today" in writer.sees(f"{rules}.1.rule/")
    writer.posts(f"{rules}.1.rule/", step="out", number=0)
    assert len(writer.says["pages"][0]["questions"][dated]["checks"]) == 1
    writer.posts("part/destinations.0/", to="case", type="missed")
    writer.posts("condition/destinations.0.when/?about=officer", how="is", value="no", step="add")
    assert writer.says["destinations"][0]["when"] == "officer == false"
    writer.posts(
        "about/", name="Report", name_cy="Adrodd", in_welsh="on", sign_in="none", keep_days=28, most=5, per="day"
    )
    assert (writer.says["sign_in"], writer.says["cap"]) == ("none", {"most": 5, "per": "day"})
