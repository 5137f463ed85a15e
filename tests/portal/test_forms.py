"""A form filled in by a citizen: page by page, left and taken up again, sent once, kept as a copy."""

import gzip
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.forms.test_drafts import PNG
from tests.portal.conftest import EMAIL, OPEN, Register, link_in

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.council import settings as council_settings
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.catalogue import actions as catalogue_actions
from moothall.domain.catalogue import bundle, catalogue
from moothall.domain.citizens import returning
from moothall.domain.citizens.models import Account, OnlineMessage
from moothall.domain.citizens.rules import Portal
from moothall.domain.forms import delivering
from moothall.domain.forms import published as published_forms
from moothall.domain.forms.models import Draft, Submission, Upload
from moothall.domain.workflow import published

START = "/services/streets/report/"
FORM = """
key: report
name: {en: Report a street problem, cy: Rhoi gwybod am broblem stryd}
languages: [en, cy]
pages:
  - id: what
    title: {en: What is it, cy: Beth yw hi}
    questions:
      - id: kind
        label: {en: "What is the problem?", cy: "Beth yw'r broblem?"}
        type: choice
        options: [{key: hole, label: {en: A hole, cy: Twll}}, {key: other, label: {en: Something else, cy: Rhywbeth arall}}]
      - {id: which, label: {en: "What else?", cy: "Beth arall?"}, type: text, when: "answers.kind == 'other'"}
      - {id: told, label: {en: "Who was told?", cy: "Pwy a wyr?"}, type: text, when: "answers.kind == 'other' && answers.which == 'Fire'"}
      - {id: seen, label: {en: "When did you see it?", cy: "Pryd welsoch chi hi?"}, type: date}
      - {id: where, label: {en: "Where is it?", cy: "Ble mae hi?"}, type: address}
  - id: more
    title: {en: More about it, cy: Mwy amdani}
    questions:
      - id: witnesses
        label: {en: "Who else saw it?", cy: "Pwy arall a'i gwelodd?"}
        type: group
        item: {en: Witness, cy: Tyst}
        optional: true
        questions: [{id: name, label: {en: Name, cy: Enw}, type: text}]
      - {id: picture, label: {en: Picture, cy: Llun}, type: upload, tag: proof, later: true}
      - {id: desk_note, label: {en: For the desk, cy: I'r ddesg}, type: text, asked_of: officers, optional: true}
  - id: you
    title: {en: About you, cy: Amdanoch chi}
    questions:
      - {block: name_and_title}
      - {block: contact}
destinations:
  - {to: case, type: problem}
"""
FILES = {
    "service.yaml": """
key: streets
name: Streets
prefix: ST
description: Problems on our streets.
case_types: [{key: problem, label: Problem, workflow: problem}]
sources: [{key: online, label: Online}, {key: phone, label: Phone}]
tags: [{key: proof, label: Proof, applies_to: document}]
groups: [{key: blue_badge_officers, name: Officers}]
""",
    "workflows/problem.yaml": """
key: problem
name: Problem
start: look
stages:
  - id: look
    name: Look
    see: [blue_badge_officers]
    progress: [blue_badge_officers]
    public: {status: We are looking at it}
    outcomes: [{id: done, name: Done, end: {state: complete}}]
""",
    "forms/report.yaml": FORM,
}
Publish = Callable[..., None]


@pytest.fixture
def publish(portal: Portal, noon: datetime) -> Publish:
    """`publish((old, new), …)`: the council offers to report a street problem, by the form with these texts replaced."""
    catalogue.forget()
    published.forget()
    published_forms.forget()

    def publish(*replaced: tuple[str, str]) -> None:
        text = FORM
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        files = {**FILES, "forms/report.yaml": text}
        catalogue_actions.publish(bundle.parse(files), by=system_user(), at=noon)

    publish()
    return publish


WHAT = {
    "kind": "hole",
    "which": "",
    "seen_0": "1",
    "seen_1": "3",
    "seen_2": "2026",
    "where__line1": "4 Sample Street",
    "where__town": "Exampleton",
    "where__postcode": "ex1 2ab",
}
MORE = {"witnesses__count": "1", "picture__later": "on"}
YOU = {"first_names": "Ann", "last_name": "Resident", "email": "ann@example.org", "phone": "020 7946 0001"}


def begin(browser: Client, start: str = START) -> str:
    """Start; the address of the first page."""
    return str(browser.post(start)["Location"])


def fill(browser: Client, start: str = START) -> str:
    """Fill in the whole form; the address where the answers are looked over."""
    at = begin(browser, start)
    for given in (WHAT, MORE, YOU):
        at = browser.post(at, given)["Location"]
        if at.endswith("/check/"):
            break
    return at


def said(browser: Client, at: str) -> str:
    return browser.get(at).content.decode()


def test_a_form_is_filled_in_page_by_page_checked_sent_once_and_kept_as_a_copy(
    publish: Publish, django_assert_max_num_queries: Any
) -> None:
    browser = Client()
    assert START in said(browser, "/")
    first = begin(browser)
    assert first.endswith("/page/what/")
    empty = browser.post(first, {})
    assert empty.status_code == 422
    assert "<title>Error:" in empty.content.decode()
    assert empty.content.decode().count("govuk-error-message") >= 3
    wrong = browser.post(first, {**WHAT, "where__postcode": "nowhere", "seen_1": "13"}).content.decode()
    assert 'id="id_where__postcode-error"' in wrong
    assert 'href="#id_where__postcode"' in wrong
    assert 'value="nowhere"' in wrong
    with django_assert_max_num_queries(14):
        second = browser.post(first, WHAT)["Location"]
    assert second.endswith("/page/more/")
    with django_assert_max_num_queries(8):
        assert "EX1 2AB" in said(browser, first), "going back loses nothing"
    you = browser.post(second, MORE)["Location"]
    assert browser.get(you.replace("/you/", "/nothing/"))["Location"] == you, "nobody gets beyond what is answered"
    check = browser.post(you, YOU)["Location"]
    assert check.endswith("/check/")
    shown = said(browser, check)
    assert "A hole" in shown
    assert "1 March 2026" in shown
    assert browser.post(f"{second}?change=1", MORE)["Location"] == check, "what is changed leads back to the rest"
    done = {browser.post(check)["Location"] for _ in range(2)}
    assert len(done) == 1
    sent = Submission.objects.get()
    path = done.pop()
    assert sent.reference in said(browser, path)
    assert "Picture" in said(browser, path), "what is to be sent later is said"
    assert browser.get(check)["Location"] == path, "the back button leads to the confirmation"
    assert browser.post(first, WHAT)["Location"] == path
    copy = browser.get(path.replace("/done/", "/copy/"))
    assert copy["Content-Type"] == "application/pdf"
    assert copy.content.startswith(b"%PDF")
    assert Client().get(path).status_code == Client().get(path.replace("/done/", "/copy/")).status_code == 404


def test_questions_under_an_answer_of_the_same_page_are_asked_with_and_without_scripts(publish: Publish) -> None:
    browser = Client()
    first = begin(browser)
    page = said(browser, first)
    assert 'data-reveal-of="kind" data-reveal-keys="other"' in page
    assert "Who was told?" not in page
    assert browser.post(first, {**WHAT, "kind": "other"}).status_code == 422
    fire = {**WHAT, "kind": "other", "which": "Fire"}
    assert "Who was told?" in browser.post(first, fire).content.decode(), "asked now that it is to be answered"
    assert browser.post(first, {**fire, "told": "The brigade"}).status_code == 302
    assert browser.post(first, {**WHAT, "which": "Left over"}).status_code == 302
    assert "Left over" not in said(browser, first)


def test_several_are_added_and_taken_away_and_files_stay_while_another_answer_is_wrong(publish: Publish) -> None:
    browser = Client()
    second = browser.post(begin(browser), WHAT)["Location"]
    given = {"witnesses__count": "1", "witnesses__1__name": "Bob", "another": "witnesses"}
    two = browser.post(second, given).content.decode()
    assert 'value="Bob"' in two
    assert "witnesses__2__name" in two
    given = {"witnesses__count": "2", "witnesses__1__name": "Bob", "witnesses__2__name": "Cy"}
    one = browser.post(second, {**given, "remove": "witnesses.1"}).content.decode()
    assert ("Cy" in one, "Bob" in one, "witnesses__2__name" in one) == (True, False, False)
    picture = SimpleUploadedFile("hole.png", PNG, content_type="text/plain")
    long = {**given, "witnesses__2__name": "x" * 9999, "picture__files": picture}
    wrong = browser.post(second, long)
    assert wrong.status_code == 422
    kept = re.search(r'name="picture__kept" value="([0-9a-f-]+)"', wrong.content.decode())
    assert kept, "the file is not asked for again"
    evil = SimpleUploadedFile("run.exe", b"MZ\x90\x00" + b"\0" * 64, content_type="image/png")
    refused = browser.post(second, {**given, "picture__files": evil})
    assert (refused.status_code, Upload.objects.count()) == (422, 1)
    assert 'href="#id_picture__files"' in refused.content.decode()
    assert browser.post(second, {**given, "picture__kept": "00000000-0000-0000-0000-000000000001"}).status_code == 422
    assert browser.post(second, {**given, "picture__kept": kept[1]}).status_code == 302
    assert "hole.png" in said(browser, second)
    gone = browser.post(second, {**given, "picture__kept": kept[1], "picture__remove": kept[1]})
    assert gone.status_code == 422, "it is asked for after all"


def test_what_was_begun_is_nobody_elses_and_goes_on_by_the_link_in_any_browser(publish: Publish) -> None:
    browser, elsewhere = Client(), Client()
    first = begin(browser)
    onward = browser.post(first, {**WHAT, "save": "later"})["Location"]
    assert onward.endswith("/save/")
    assert elsewhere.get(first).status_code == 404
    assert elsewhere.post(first, WHAT).status_code == 404
    assert browser.get(onward).status_code == 200
    unfinished = browser.post(first.replace("/what/", "/more/"), {"save": "later"})["Location"]
    assert "The page you left is not kept" in said(browser, unfinished), "nobody has to finish a page to leave it"
    assert browser.post(onward, {"email": "no"}).status_code == 422
    assert browser.post(onward, {"email": "ann@example.org"}).status_code == 200
    job: Any = ProcrastinateJob.objects.get(task_name=returning.TASK)
    assert "ann@" not in str(job.args)
    returning.deliver(job.args["letter"], at=timezone.now())
    path = link_in(outbox.outbox[-1])
    back = elsewhere.get(path)
    assert back["Referrer-Policy"] == "no-referrer"
    assert elsewhere.get(back["Location"])["Location"].endswith("/page/more/")
    assert elsewhere.get(first).status_code == 200
    assert Client().get(path[:-5] + "xxxx/").status_code == 404
    thrown = elsewhere.post(first.replace("page/what/", "discard/"))
    assert (thrown.status_code, Draft.objects.count()) == (302, 0)
    assert elsewhere.get(path).status_code == browser.get(first).status_code == 404


def test_who_is_signed_in_is_not_asked_what_is_known_finds_what_they_began_and_what_they_sent(
    alma: Client, account: Account, publish: Publish, register: Register
) -> None:
    first = begin(alma)
    second = alma.post(first, WHAT)["Location"]
    assert f'value="{EMAIL}"' in said(alma, alma.post(second, MORE)["Location"])
    listed = said(alma, "/cases/")
    assert "Begun and not sent" in listed
    assert "Report a street problem" in listed
    assert Draft.objects.get().account == str(account.pk)
    assert Client().get(first)["Location"].startswith("/account/sign-in/?next=")
    assert "Go on where you left it" in said(alma, START)
    check = alma.post(second.replace("/more/", "/you/"), YOU)["Location"]
    alma.post(check)
    sent = Submission.objects.get()
    assert "We have what you sent" in said(alma, "/cases/")
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=timezone.now())
    case = Case.objects.get()
    assert case.reference == sent.reference
    listed = said(alma, "/cases/")
    assert ("We are looking at it" in listed, "We have what you sent" in listed) == (True, False)
    change = f"/cases/{case.reference}/change/"
    assert change in said(alma, f"/cases/{case.reference}/")
    once = str(uuid4())
    assert alma.post(change, {"once": once, "wish": "change", "words": ""}).status_code == 422
    for _ in range(2):
        assert alma.post(change, {"once": once, "wish": "withdraw", "words": "It is mended"}).status_code == 302
    written = OnlineMessage.objects.get(case=case)
    assert written.text.split() == ["I", "want", "to", "withdraw", "this", "request.", "It", "is", "mended"]
    assert TimelineEntry.objects.filter(case=case, text__contains="asks to withdraw it").count() == 1
    assert register("other@example.org").get(change).status_code == 404


def test_what_was_begun_without_an_account_becomes_that_of_who_signs_in(register: Register, publish: Publish) -> None:
    browser, other = register(), register("other@example.org")
    citizen = browser.cookies.pop(next(name for name in browser.cookies if "citizen" in name))
    first = begin(browser)
    browser.post(first, WHAT)
    save = first.replace("page/what/", "save/")
    assert "?next=" in said(browser, save)
    browser.cookies[citizen.key] = citizen.value
    assert other.post(save.replace("/save/", "/keep/")).status_code == 404
    assert browser.post(save.replace("/save/", "/keep/"))["Location"] == save
    assert Draft.objects.get().account
    assert "under “My requests”" in said(browser, save)
    assert 'value="4 Sample Street"' in said(browser, first)


def test_a_form_that_takes_no_account_is_told_nothing_of_who_is_signed_in(alma: Client, publish: Publish) -> None:
    publish(("languages: [en, cy]", "languages: [en, cy]\nsign_in: none"))
    check = fill(alma)
    assert check.endswith("/check/")
    alma.post(check)
    sent = Submission.objects.get()
    assert (sent.account, sent.customer_id) == ("", None)
    assert sent.reference not in said(alma, "/cases/")


def test_a_form_goes_on_in_the_other_language_and_one_without_it_in_english(publish: Publish) -> None:
    browser = Client()
    first = begin(browser, f"/cy{START}")
    assert first.startswith("/cy/")
    assert "Beth yw&#x27;r broblem?" in said(browser, first)
    assert "What is the problem?" in said(browser, first.removeprefix("/cy"))
    browser.post(first.removeprefix("/cy"), WHAT)
    assert Draft.objects.get().language == "en"
    browser.post(first, WHAT)
    assert Draft.objects.get().language == "cy"
    publish(("languages: [en, cy]", "languages: [en]"))
    assert "yn unig" in said(browser, f"/cy{START}")
    assert begin(browser, f"/cy{START}").startswith("/services/")
    assert browser.get(first)["Location"] == first.removeprefix("/cy")


def test_a_form_that_changed_meanwhile_says_so_and_asks_only_that_again(publish: Publish) -> None:
    browser = Client()
    check = fill(browser)
    publish(("What is the problem?", "What is wrong there?"))
    what = browser.get(check)["Location"]
    assert what.endswith("/page/what/")
    assert "“What is wrong there?” is worded differently" in said(browser, what)
    assert browser.post(check).status_code == 302
    assert not Submission.objects.exists()
    assert browser.post(f"{what}?change=1", WHAT)["Location"] == check


def test_a_form_is_open_in_its_days_up_to_its_cap_and_no_network_begins_without_end(
    publish: Publish, noon: datetime
) -> None:
    browser = Client()
    assert browser.get("/services/streets/nothing/").status_code == 404
    council_settings.write(OPEN.model_copy(update={"forms_of_source": 10}), by=system_user(), at=noon)
    assert [browser.post(START).status_code for _ in range(11)] == [302] * 10 + [429]
    publish(("languages: [en, cy]", 'languages: [en, cy]\ncloses: "2026-01-31"'))
    assert "This form closed on 31 January 2026." in said(browser, START)
    assert "Caeodd y ffurflen" in said(browser, f"/cy{START}")
    council_settings.write(Portal(open=False), by=system_user(), at=noon)
    assert browser.get(START).status_code == 404


def test_an_officer_fills_a_form_in_with_a_customer_and_asks_nothing_that_is_known(
    case: Case, publish: Publish, officer: User, at_desk: Client
) -> None:
    SecurityGroup.objects.filter(key="blue_badge_officers").update(services=["*"])
    page = said(at_desk, f"/desk/customers/{case.customer_id}/apply/")
    assert "Report a street problem" in page
    begun = at_desk.post(f"/desk/customers/{case.customer_id}/apply/", {"form": "streets.report"})
    first = at_desk.get(begun["Location"])["Location"]
    second = at_desk.post(first, WHAT)["Location"]
    assert "For the desk" in said(at_desk, second)
    onward = at_desk.post(second, {**MORE, "desk_note": "By phone"})["Location"]
    assert "Madeup" in said(at_desk, onward)
    check = onward if onward.endswith("/check/") else at_desk.post(onward, {**YOU, "last_name": "Madeup"})["Location"]

    strange = Client()
    strange.cookies.update({name: one for name, one in at_desk.cookies.items() if "desk-form" in name})
    assert strange.get(check)["Location"].startswith("/desk/sign-in/")
    SecurityGroup.objects.filter(key="blue_badge_officers").update(services=["blue_badge"])
    assert at_desk.get(check)["Location"].startswith("/desk/sign-in/"), "who may not open cases of the service"
    SecurityGroup.objects.filter(key="blue_badge_officers").update(services=["*"])
    at_desk.post(check)
    sent = Submission.objects.get()
    assert (sent.officer, sent.customer_id, sent.answers["desk_note"]) == (officer, case.customer_id, "By phone")
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=timezone.now())
    assert Case.objects.get(reference=sent.reference).customer_id == case.customer_id
    shown = said(at_desk, f"/desk/cases/{sent.reference}/application/")
    assert ("4 Sample Street" in shown, "By phone" in shown) == (True, True), "what was sent is seen at the desk"


def test_a_citizen_who_goes_on_with_what_an_officer_began_is_not_asked_what_officers_are(
    case: Case, publish: Publish, officer: User, at_desk: Client
) -> None:
    SecurityGroup.objects.filter(key="blue_badge_officers").update(services=["*"])
    begun = at_desk.post(f"/desk/customers/{case.customer_id}/apply/", {"form": "streets.report"})
    first = at_desk.get(begun["Location"])["Location"]
    save = at_desk.post(first, {**WHAT, "save": "later"})["Location"]
    at_desk.post(save, {"email": "alma@example.org"})
    job: Any = ProcrastinateJob.objects.get(task_name=returning.TASK)
    returning.deliver(job.args["letter"], at=timezone.now())
    citizen = Client()
    onward = citizen.get(citizen.get(link_in(outbox.outbox[-1]))["Location"])["Location"]
    assert onward.endswith("/more/")
    assert "For the desk" not in said(citizen, onward)


def test_a_first_visit_to_a_page_of_a_form_weighs_at_most_100_kilobytes(publish: Publish) -> None:
    browser = Client()
    page = browser.get(begin(browser)).content
    files = [*re.findall(rb'(?:href|src)="/static/([^"]+)"', page), b"moothall/build/govuk-frontend.min.js"]
    weights = {"page": len(gzip.compress(page))}
    for name in {one.decode() for one in files}:
        found = finders.find(name) or Path(settings.STATIC_ROOT) / name  # collected, its name has a digest
        weights[name] = len(gzip.compress(Path(str(found)).read_bytes()))
    assert len(weights) > 3
    assert sum(weights.values()) <= 100 * 1024, weights
