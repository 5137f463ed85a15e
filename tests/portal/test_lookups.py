"""Look-ups of forms over HTTP: another system fills in, offers and checks answers; down, slow or wrong, it stops nobody."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from tests.portal.test_forms import FILES, begin, said

from moothall.connectors import form_lookups
from moothall.connectors.form_lookups import asking, check, client
from moothall.connectors.form_lookups.client import LookUpError
from moothall.connectors.form_lookups.settings import FormLookups
from moothall.core.accounts.actions import system_user
from moothall.core.council import settings as council
from moothall.core.council.models import Setting
from moothall.domain.catalogue import actions, bundle, catalogue, checks
from moothall.domain.citizens.rules import Portal
from moothall.domain.exchange import operations
from moothall.domain.forms import published as published_forms
from moothall.domain.forms import rest
from moothall.domain.forms.models import Submission
from moothall.domain.forms.rest import RestLookUp
from moothall.domain.workflow import published
from moothall.domain.workflow.definition import Faulty
from moothall.sandbox import testing

START = "/services/streets/report/"
FORM = """
key: report
name: Report
pages:
  - id: car
    title: Your car
    questions:
      - id: registration
        label: Registration number
        type: text
        lookup: {name: vehicle, does: check, given: {registration: answers.registration}}
        checks: [{rule: lookups.vehicle.found, message: We do not know this car}]
      - {id: postcode, label: Postcode, type: text}
      - {id: permit, label: Permit, type: text, optional: true}
  - id: home
    title: Your home
    questions:
      - {id: home, label: "Which is yours?", type: choice, lookup: {name: homes, does: options, given: {postcode: answers.postcode}}}
      - {id: whose, label: "Whose permit is it?", type: text, optional: true, lookup: {name: permit, given: {permit: answers.permit}}}
  - {id: taxed, title: Tax, when: lookups.vehicle.taxed == 'SORN', text: It may not stand in the road.}
  - {id: you, title: You, questions: [{block: name_and_title}]}
destinations: [{to: case, type: problem}]
"""
LOOKUPS = {
    "vehicle": "service: sandbox\npath: /vehicles/{registration}\ngives: {parts: {make: make, taxed: tax.status}}\n",
    "homes": "service: sandbox\npath: /addresses\nquery: [postcode]\ngives: {options: {each: results, key: uprn, label: text}}\n",
    "permit": "service: sandbox\nmethod: POST\npath: /permits\nbody: {permitNumber: permit}\ngives: {value: name}\n",
}
SERVICE = {**FILES, "forms/report.yaml": FORM, **{f"lookups/{name}.yaml": text for name, text in LOOKUPS.items()}}
CAR = {"registration": "AB12 CDE", "postcode": "EX1 2AB", "permit": "p-100"}


@pytest.fixture(scope="module")
def running() -> Iterator[testing.Running]:
    with testing.start("--no-presets") as one:
        yield one


@pytest.fixture
def system(portal: Portal, running: testing.Running, noon: datetime) -> testing.Running:
    """The system is configured, and a form asks it."""
    for one in (catalogue, published, published_forms, asking):
        one.forget()
    running.control("POST", "/reset", {"presets": False})
    line = running.line["rest"]
    settings = {
        "systems": [f"sandbox {line['base_url']}"],
        "secrets": f"sandbox {line['header']} {line['key']}",
        "internal_hosts": ["127.0.0.1"],
        "timeout_seconds": 0.4,
    }
    council.write(FormLookups.model_validate(settings), by=system_user(), at=noon)
    actions.publish(bundle.parse(SERVICE), by=system_user(), at=noon)
    return running


def asked(running: testing.Running) -> list[str]:
    return [call["path"] for call in running.control("GET", "/calls") if call["path"].startswith("/rest/")]


def test_answers_are_checked_offered_and_filled_in_by_another_system_and_asked_for_once(
    system: testing.Running,
) -> None:
    browser = Client()
    first = begin(browser, START)
    wrong = browser.post(first, {**CAR, "registration": "../permits"})
    assert "We do not know this car" in wrong.content.decode(), "what is typed is a parameter, and no way elsewhere"
    assert not any(path.startswith("/rest/permits") for path in asked(system))
    home = browser.post(first, CAR)["Location"]
    page = said(browser, home)
    assert "6 Sample Street" in page
    assert 'value="Ann Example"' in page
    assert "6 Sample Street" in said(browser, home)
    assert asked(system).count("/rest/addresses?postcode=EX1+2AB") == 1, "the same question is asked once"
    assert browser.post(home, {"home": "1", "whose": "Ann"}).status_code == 422, "what was not offered"
    you = browser.post(home, {"home": "100011", "whose": "Ann Example"})["Location"]
    assert you.endswith("/you/")
    looked = browser.post(you, {"first_names": "Ann", "last_name": "Example"})["Location"]
    assert "6 Sample Street" in said(browser, looked)
    browser.post(looked)
    assert Submission.objects.get().answers["home"] == "100011"


@pytest.mark.parametrize("fault", ["timeout", "500", "slow=2", "malformed"])
def test_a_system_that_fails_stops_nobody_for_long_and_says_so_plainly(system: testing.Running, fault: str) -> None:
    browser = Client()
    first = begin(browser, START)
    system.set_fault(fault, pattern="/rest/")
    home = browser.post(first, CAR)["Location"]
    assert home.endswith("/home/"), "what cannot be checked is let through"
    page = said(browser, home)
    assert "The answers to choose from are not there at this moment" in page
    assert fault not in page
    system.clear_faults()
    asking.forget()
    assert "6 Sample Street" in said(browser, home)


def test_another_system_is_not_asked_without_end_from_one_draft(system: testing.Running, noon: datetime) -> None:
    browser = Client()
    first = begin(browser, START)
    portal = Portal(open=True, url="https://my.council.example.org", forms_of_source=10)
    council.write(portal, by=system_user(), at=noon)
    for number in range(10):
        assert browser.post(first, {**CAR, "registration": f"XX{number}"}).status_code == 422
    assert browser.post(first, {**CAR, "registration": "LAST1"}).status_code == 429
    assert "/rest/vehicles/XX9" in asked(system)
    assert "/rest/vehicles/LAST1" not in asked(system)


def test_only_what_is_configured_is_called_and_only_so_much_of_an_answer_is_read(
    system: testing.Running, noon: datetime
) -> None:
    line = system.line["rest"]
    much = RestLookUp.model_validate({"service": "sandbox", "path": "/much", "gives": {"value": "much"}})
    with pytest.raises(LookUpError, match="longer than"):
        client.ask(much, {})
    works = check.check(by=system_user(), at=noon)
    assert (works.works, works.sentences) == (True, ("“sandbox” answers.",))
    assert form_lookups.KEY in operations.set_up(), "it stands on the page of connectors, with a button to test it"
    kept = Setting.objects.get(key="form_lookups.secrets")
    assert (kept.value, line["key"] in str(bytes(kept.secret or b""))) == (None, False)
    here = {"systems": [f"sandbox {line['base_url']}"], "timeout_seconds": 0.4}
    for settings, sentence in (
        ({"systems": []}, "Nobody has said where"),
        (here, "must begin with https"),
        ({**here, "internal_hosts": ["127.0.0.1"]}, "answered 401"),
        ({"systems": ["sandbox https://127.0.0.1:1/"]}, "private network"),
        ({"systems": ["sandbox https://a:b@example.org/"]}, "a host and a path alone"),
    ):
        council.write(FormLookups.model_validate(settings), by=system_user(), at=noon)
        with pytest.raises(LookUpError, match=sentence):
            client.ask(much, {})
    assert not check.check(by=system_user(), at=noon).works


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("forms/report.yaml", "name: homes", "name: houses", "“houses”"),
        ("forms/report.yaml", "{postcode: answers.postcode}", "{}", "has to be told “postcode”"),
        ("forms/report.yaml", "{permit: answers.permit}", "{permit: answers.permit, x: today}", "is told “x”"),
        ("forms/report.yaml", "name: vehicle, does: check", "name: vehicle, does: fills", "is there for check"),
        ("lookups/homes.yaml", "path: /addresses", "path: https://elsewhere.example/x", "path"),
        ("lookups/homes.yaml", "path: /addresses", "path: /../addresses", "path"),
        ("lookups/homes.yaml", "query: [postcode]", "body: {postcode: postcode}", "POST alone"),
        ("lookups/homes.yaml", "gives: {", "gives: {value: x, ", "one of value, options and parts"),
    ],
)  # fmt: skip
def test_a_look_up_that_cannot_be_meant_is_a_fault_in_a_sentence(file: str, old: str, new: str, sentence: str) -> None:
    assert old in SERVICE[file]
    files = {**SERVICE, file: SERVICE[file].replace(old, new)}
    try:
        found = checks.check(bundle.parse(files))
    except Faulty as error:
        found = error.faults
    assert any(sentence in str(fault) for fault in found), found


def test_what_is_told_is_encoded_and_what_is_read_is_bounded() -> None:
    plain: dict[str, Any] = {"service": "x", "path": "/a/{one}/b", "query": ["two"], "gives": {"value": "v.0"}}
    lookup = RestLookUp.model_validate(plain)
    assert rest.address(lookup, {"one": "a/../b?c#d", "two": "&x=1"}) == ("/a/a%2F..%2Fb%3Fc%23d/b", {"two": "&x=1"})
    for given in (".", "..", "", "x" * 301, "a\r\nb", None, {"a": 1}, ["a"]):
        with pytest.raises(rest.NotUsable):
            rest.address(lookup, {"one": given, "two": "2"})
    assert rest.read(lookup, {"v": ["a" * 3000]}) == "a" * 2000
    assert rest.read(lookup, []) is None
    with pytest.raises(rest.NotUsable):
        rest.read(lookup, {"v": [{"a": 1}]})
    options = RestLookUp.model_validate({**plain, "gives": {"options": {"key": "k", "label": "l"}}})
    assert len(rest.read(options, [{"k": n, "l": n} for n in range(500)])) == 200
    for answer in ({}, [{"k": 1}], [1]):
        with pytest.raises(rest.NotUsable):
            rest.read(options, answer)
