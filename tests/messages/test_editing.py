"""Templates are edited by administrators at the desk: written, tried out, published, compared, gone back to (CT-60)."""

from datetime import datetime
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from tests.conftest import MakeUser
from tests.desk.conftest import PASSWORD, SignInAs, sign_in_as  # noqa: F401
from tests.desk.pages import Page
from tests.messages.conftest import FILES

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access, Entry
from moothall.core.council import settings as council
from moothall.core.council.settings import Council, read
from moothall.domain.cases import communications
from moothall.domain.cases.models import Case
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, letter_list
from moothall.domain.catalogue.models import Service
from moothall.domain.messages import templates
from moothall.domain.messages.models import Message, TemplateVersion
from moothall.web.desk.models import Typed
from moothall.web.desk.template_compared import marked

pytestmark = pytest.mark.django_db
KEY = "permits.missing"
EDIT = f"/desk/templates/{KEY}/en/"
BODY = (
    "<p>{{ salutation }},</p>\n{% if organisation %}<p>You all.</p>{% endif %}\n{{ paragraphs }}\n<p>Please hurry.</p>"
)


@pytest.fixture
def desk(sign_in_as: SignInAs, service: Service, administrator: User) -> Client:  # noqa: F811
    return sign_in_as(administrator)


def text(**changed: Any) -> dict[str, Any]:
    """What the form of a text sends."""
    given = {
        "name": "Something is missing",
        "subject": "{{ case_ref }}: hurry",
        "channels": ["email", "letter"],
        "html": BODY,
        "on": TemplateVersion.objects.filter(template__key=KEY, language="en").latest("number").number,
        "example": "person",
        "step": "publish",
    }
    return {**given, **changed}


def upgraded(old: str, new: str, *, by: User, at: datetime, file: str = "letters/missing.html") -> None:
    """The service is published again, its file changed."""
    assert old in FILES[file]
    catalogue_actions.publish(bundle.parse(FILES | {file: FILES[file].replace(old, new)}), by=by, at=at)


def test_a_new_text_is_published_as_a_version_and_earlier_messages_stay_as_they_are(
    desk: Client, case: Case, administrator: User, noon: datetime
) -> None:
    council.write(read(Council).model_copy(update={"public_url": "https://my.example.org"}), by=administrator, at=noon)
    written = communications.send_by_hand(
        case, channel="email", template="missing", from_list="missing", chosen=["form"], by=administrator, at=noon
    )
    listed = Page.of(desk.get("/desk/templates/?q=something")).text("table")
    assert "Something is missing" in listed
    assert "English, Welsh" in listed
    assert "Changed by hand" not in listed
    assert "Parking permit, Check: Incomplete" in Page.of(desk.get(f"/desk/templates/{KEY}/")).text("main")

    answer = desk.post(EDIT, text(), follow=True)

    page = Page.of(answer)
    assert "Please hurry." in page.text("main")
    assert "written by Ada Administrator" in page.text("main")
    again = communications.preview(case, "missing", from_list="missing", chosen=["form"], at=noon)
    assert "Please hurry." in again.composed.html
    assert "Please hurry." not in Message.objects.get(pk=written.pk).html
    assert Entry.objects.get(action="template.changed").detail["by_hand"] is True
    assert "Changed by hand" in Page.of(desk.get("/desk/templates/")).text("table")
    assert "No template is called" in desk.get("/desk/templates/?q=nothing").content.decode()


def test_faults_are_said_beside_their_field_and_nothing_typed_is_lost(desk: Client) -> None:
    wrong = "<p>{{ first_nam }} {{ answers.colour }} {% if title %}</p>"
    answer = desk.post(EDIT, text(html=wrong, subject="{{ paragraphs }}", channels=["letter"]))
    page = Page.of(answer)

    assert answer.status_code == 422
    assert "never closed" in page.text("p", id="id_html-error")
    assert "does not fit in a subject" in page.text("p", id="id_subject-error")
    assert "A workflow sends this letter by email" in page.text("p", id="id_channels-error")
    assert "{{ first_nam }}" in page.text("textarea")

    said = desk.post(EDIT, text(html="<p>{{ first_nam }} {{ answers.colour }}</p>")).content.decode()
    assert "Did you mean “first_name”?" in said
    assert "“answers.colour” is not a placeholder" in said
    assert "Keep {{ paragraphs }} somewhere" in desk.post(EDIT, text(html="<p>Hello.</p>")).content.decode()
    assert TemplateVersion.objects.filter(by_hand=True).count() == 0


def test_a_text_is_tried_out_with_examples_with_an_organisation_and_with_a_case(desk: Client, case: Case) -> None:
    live = desk.post(EDIT, text(step="live"))
    shown = live.content.decode()
    assert "Dear Mrs Example," in shown
    assert "<strong>A photograph</strong> of Mary Example." in shown
    assert "You all." not in shown
    assert "sandbox" in live["Content-Security-Policy"]
    assert "You all." in desk.post(EDIT, text(step="live", example="organisation")).content.decode()
    assert "never closed" in desk.post(EDIT, text(step="live", html="{% if title %}")).content.decode()

    named = desk.post(EDIT, text(step="live", example="case", case=case.reference.lower())).content.decode()
    assert "Dear Mrs O'Applicant" in named
    assert Access.objects.filter(via="desk template", subject_id=case.pk).exists()
    nowhere = desk.post(EDIT, text(step="email", example="case", case="PP-0000-0000"))
    assert "There is no case PP-0000-0000" in Page.of(nowhere).text("p", id="id_case-error")

    printed = desk.post(EDIT, text(step="letter"))
    assert printed.content.startswith(b"%PDF")
    assert TemplateVersion.objects.filter(template__key=KEY).count() == 2


def test_conditions_between_the_items_of_a_list_are_shown_as_items() -> None:
    shown = marked("<ul>\n{% if title %}<li>{{ title }}</li>\n{% endif %}<li>x</li></ul><p>{{ today }}</p>")

    assert shown == (
        '<ul>\n<li class="app-editor__code">{% if title %}</li><li><span class="app-editor__code">{{ title }}</span></li>\n'
        '<li class="app-editor__code">{% endif %}</li><li>x</li></ul><p><span class="app-editor__code">{{ today }}</span></p>'
    )


def test_of_two_administrators_at_once_the_second_is_told_and_loses_nothing(
    desk: Client, administrator: User, noon: datetime
) -> None:
    mine = text(html=BODY.replace("hurry", "be quick"))
    desk.post(EDIT, text())

    answer = desk.post(EDIT, mine)
    page = Page.of(answer)
    assert answer.status_code == 409
    assert "Ada Administrator published version 3" in page.text("main")
    assert "be quick" in page.text("textarea")
    assert "quick" in page.text("ins")

    [on] = [field["value"] for field in page.all("input", name="on")]
    assert desk.post(EDIT, mine | {"on": on}).status_code == 302
    assert "be quick" in templates.in_force(KEY, "en").body
    assert TemplateVersion.objects.filter(template__key=KEY, body__contains="hurry").exists()


def test_versions_are_compared_in_words_and_gone_back_to(desk: Client) -> None:
    desk.post(EDIT, text())
    desk.post(EDIT, text(html=BODY.replace("hurry", "be quick")))

    compared = Page.of(desk.get(f"/desk/templates/{KEY}/compare/?old=3&new=4"))
    assert (compared.text("del"), compared.text("ins")) == ("taken out: hurry.", "put in: be quick.")
    desk.post(EDIT, text(html=BODY.replace("hurry", "<strong>be quick</strong>")))
    formatting = Page.of(desk.get(f"/desk/templates/{KEY}/compare/?old=4&new=5"))
    assert "Formatting, in HTML" in formatting.text("main")

    history = Page.of(desk.get(f"/desk/templates/{KEY}/history/"))
    assert "Version 5" in history.text("table")
    assert "Ada Administrator" in history.text("table")
    back = desk.post(f"/desk/templates/{KEY}/history/3/", {"on": 5}, follow=True)
    assert "Version 3 is in force again, as version 6." in back.content.decode()
    assert templates.in_force(KEY, "en").number == 6
    stale = desk.post(f"/desk/templates/{KEY}/history/4/", {"on": 5})
    assert stale.status_code == 409
    assert templates.in_force(KEY, "en").number == 6


def test_an_administrators_text_stays_when_the_service_is_published_again_until_the_files_is_taken(
    desk: Client, administrator: User, noon: datetime
) -> None:
    desk.post(EDIT, text())
    upgraded("We need:", "We still need:", by=administrator, at=noon)

    assert "Please hurry." in templates.in_force(KEY, "en").body
    assert "has a newer text" in Page.of(desk.get(f"/desk/templates/{KEY}/")).text("main")
    assert "File is newer" in Page.of(desk.get("/desk/templates/")).text("table")
    beside = Page.of(desk.get(f"{EDIT}file/"))
    assert "We still need:" in beside.text("ins")
    desk.post(f"{EDIT}file/", {"on": 3})

    taken = templates.in_force(KEY, "en")
    assert "We still need:" in taken.body
    assert not taken.by_hand
    assert "has a newer text" not in Page.of(desk.get(f"/desk/templates/{KEY}/")).text("main")
    upgraded("We need:", "We now need:", by=administrator, at=noon)
    assert "We now need:" in templates.in_force(KEY, "en").body  # it follows the files again


def test_a_welsh_text_is_added_and_stays_when_a_file_brings_another(
    desk: Client, case: Case, administrator: User, noon: datetime
) -> None:
    where = "/desk/templates/permits.granted/cy/"
    begun = Page.of(desk.get(where))
    assert "It begins as the English text" in begun.text("main")
    english = templates.in_force("permits.granted", "en")
    given = text(on=0, channels=["email", "letter"], html=english.body)
    assert "still the English text" in desk.post(where, given).content.decode()

    welsh = given | {"name": "Rhoddwyd", "subject": "Eich trwydded", "html": "<p>{{ salutation }},</p><p>Rhoddwyd.</p>"}
    assert desk.post(where, welsh).status_code == 302
    assert "Rhoddwyd" in communications.preview(case, "granted", language="cy", at=noon).composed.html
    assert "granted" in communications.preview(case, "granted", language="en", at=noon).composed.html

    file = "---\nname: Trwydded\nsubject: Trwydded\nlanguage: cy\n---\n<p>O'r ffeil.</p>\n"
    with_welsh = bundle.parse(FILES | {"letters/granted.cy.html": file})
    catalogue_actions.publish(with_welsh, by=administrator, at=noon)
    assert "Rhoddwyd" in templates.in_force("permits.granted", "cy").body
    [line] = [line for line in letter_list.every(administrator) if line.key == "permits.granted"]
    assert line.newer


def test_what_was_typed_is_kept_when_the_session_ends(desk: Client, administrator: User) -> None:
    Session.objects.all().delete()
    assert "Location" in desk.get("/desk/")
    desk.post(EDIT, text())

    kept = Typed.objects.get(user=administrator)
    assert dict(map(tuple, kept.fields))["html"] == BODY
    assert not TemplateVersion.objects.filter(by_hand=True).exists()
    assert desk.post("/desk/sign-in/", {"email": administrator.email, "password": PASSWORD}).status_code == 302


def test_only_who_may_edit_the_templates_of_a_service_sees_them(
    sign_in_as: SignInAs,  # noqa: F811
    service: Service,
    make_user: MakeUser,
) -> None:
    elsewhere = make_user(
        "Edna Editor",
        "bin_editors",
        permissions=[Permission.SIGN_IN, Permission.EDIT_TEMPLATES],
        services=["bins"],
    )
    client = sign_in_as(elsewhere)
    assert "There is no template" in client.get("/desk/templates/").content.decode()
    assert client.get(f"/desk/templates/{KEY}/").status_code == 404
    assert client.post(EDIT, text()).status_code == 404
    refused = sign_in_as(make_user("Vera Viewer", "lookers", permissions=[Permission.SIGN_IN, Permission.VIEW_CASES]))
    assert refused.get("/desk/templates/").status_code == 403
    assert refused.post(EDIT, text()).status_code == 403
    assert "Templates" not in Page.of(refused.get("/desk/search/")).text("nav")


def test_the_list_of_templates_takes_no_more_statements_for_more_of_them(
    desk: Client, administrator: User, noon: datetime, django_assert_max_num_queries: Any
) -> None:
    desk.post(EDIT, text())
    letter = templates.parse(FILES["letters/granted.html"], "f")
    for number in range(60):
        templates.publish([(f"permits.more_{number}", letter)], by=administrator, at=noon)[0]
    desk.get("/desk/templates/")
    with django_assert_max_num_queries(14):
        first = desk.get("/desk/templates/")
    assert "Something is missing" in Page.of(desk.get("/desk/templates/?page=2")).text("table")
    assert Page.of(first).text("table").count("Parking permits") == 50
