"""Going through a form: what comes next, what is asked, what is missing, and how little is worked out again."""

import json
import sys
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.forms.made import ANSWERS, SETTING, made

from moothall.domain.forms import looking_over, lookups, runner
from moothall.domain.forms.journey import Journey
from moothall.domain.forms.plan import Plan

PERMIT = made()


def filled(plan: Plan = PERMIT, *pages: str) -> Journey:
    """The form gone through, or these pages of it."""
    journey = runner.begin(plan, SETTING)
    for page in pages or ANSWERS:
        saved = runner.save(journey, page, ANSWERS[page])
        assert saved.problems == ()
        journey = saved.journey
    return journey


def said(journey: Journey, page: str, **given: object) -> list[str]:
    return [problem.sentence for problem in runner.save(journey, page, given).problems]


def test_a_form_is_gone_through_page_by_page_and_then_looked_over() -> None:
    journey = filled()

    assert runner.ready(journey)
    assert runner.next_page(journey) == runner.CHECK
    assert runner.back(journey, runner.CHECK) == "pledge"
    assert runner.back(journey, "who") is None
    fee = runner.fee(journey)
    assert fee is not None
    assert (fee.pence, fee.description) == (7000, "Permit")
    rows = {row.question: row.text for section in looking_over.rows(journey) for row in section.rows}
    assert rows["starts"] == "10 March 2026"
    assert rows["size"] == "Large"
    assert rows["insurance"] == "To be sent later"
    assert rows["crew"] == "Name: Bob Sample; Drives: Yes; Licence number: X1, Name: Cy; Drives: No"
    assert [(one.question.id, one.state) for one in runner.evidence(journey)] == [("insurance", "later")]


def test_nobody_gets_beyond_the_first_page_that_is_not_answered() -> None:
    journey = filled(PERMIT, "who")

    assert [(stop.page.id, stop.state) for stop in runner.route(journey).stops] == [("who", "done"), ("skip", "here")]
    with pytest.raises(runner.NotOnTheWay):
        runner.save(journey, "pledge", {"declaration": "yes"})
    with pytest.raises(runner.NotOnTheWay):
        runner.asked(journey, "nowhere")


def test_a_page_with_something_wrong_is_not_kept_and_says_all_that_is_wrong() -> None:
    journey = filled(PERMIT, "who")

    saved = runner.save(journey, "skip", {"on_road": "yes", "size": "huge", "days": "99"})

    assert [problem.question for problem in saved.problems] == ["lights", "size", "days"]
    assert saved.journey is journey
    assert said(journey, "skip", on_road="yes", lights="we", size="small", days="0") == ["“Days” must be 1 or more."]


def test_what_is_asked_on_a_page_follows_answers_on_the_same_page() -> None:
    journey = filled(PERMIT, "who")
    asked = {one.question.id: one for one in runner.asked(journey, "skip")}
    assert not asked["lights"].applies
    assert asked["lights"].reveal == ("on_road", ("yes",))

    saved = runner.save(journey, "skip", {"on_road": "no", "lights": "left aside", "size": "small", "days": "2"})

    assert "lights" not in saved.journey.answers
    assert runner.route(saved.journey).end == "exit"
    assert runner.next_page(saved.journey, "skip") == "not_here"


def test_going_back_loses_nothing_and_an_answer_not_asked_any_more_does_not_count() -> None:
    journey = filled()

    shorter = runner.save(journey, "skip", {**ANSWERS["skip"], "days": "3"}).journey
    assert not runner.route(shorter).has("firm")
    assert shorter.answer("insurance") is None
    assert runner.ready(shorter)

    again = runner.save(shorter, "skip", ANSWERS["skip"]).journey
    assert again.answer("insurance") == "later"
    assert runner.ready(again)


def test_an_answer_that_another_page_makes_wrong_is_asked_again() -> None:
    journey = runner.save(filled(), "dates", {"starts": "2026-03-10", "ends": "2026-03-10"}).journey
    assert runner.ready(journey)

    tomorrow = replace(SETTING, today=SETTING.today.replace(day=20))
    late = runner.carry_on(PERMIT, journey.kept(), tomorrow)

    assert runner.next_page(late) == "dates"
    assert [one.sentence for one in runner.missing(late)] == ["The first day must be after today."]


def test_each_item_of_a_group_is_asked_what_its_own_answers_call_for() -> None:
    journey = filled(PERMIT, "who", "skip", "dates", "firm")

    assert said(journey, "people", crew=[{"name": "Ann", "driver": "no"}, {"name": "Bob", "driver": "yes"}]) == [
        "Person 2: Enter an answer to “Licence number”."
    ]


def test_what_is_known_is_not_asked_but_shown_and_can_be_changed() -> None:
    facts = {"person.title": "Ms", "person.first_names": "Ann", "person.last_name": "Example", "contact.email": "no"}
    journey = runner.begin(PERMIT, replace(SETTING, facts=facts))

    assert runner.next_page(journey) == "skip"
    assert runner.route(journey).stops[0].state == "known"
    shown = looking_over.rows(journey)[0].rows
    assert [(row.label, row.text, row.known) for row in shown][2] == ("Last name", "Example", True)

    changed = runner.save(journey, "who", {"title": "", "first_names": "Ann", "last_name": "Sample"}).journey
    assert changed.answer("last_name") == "Sample"
    assert changed.answer("title") is None
    assert runner.route(changed).stops[0].state == "done"
    untouched = runner.save(journey, "who", {"last_name": "Sample"}).journey
    assert untouched.answer("title") == "Ms"


def test_what_was_kept_is_carried_on_without_working_anything_out_again() -> None:
    journey = filled()

    same = runner.carry_on(PERMIT, journey.kept(), SETTING)

    assert same.worked_out == 0
    assert same.results == journey.results


@given(some.data())
def test_whatever_the_order_of_going_back_and_on_the_same_answers_lead_to_the_same_pages(data: some.DataObject) -> None:
    variants = {
        **ANSWERS,
        "skip": data.draw(some.sampled_from([ANSWERS["skip"], {**ANSWERS["skip"], "days": "3", "size": "small"}])),
        "dates": data.draw(some.sampled_from([ANSWERS["dates"], {"starts": "2026-03-09", "ends": "2026-03-09"}])),
    }
    journey = runner.begin(PERMIT, SETTING)
    for _ in range(data.draw(some.integers(0, 12))):
        page = data.draw(some.sampled_from([stop.page.id for stop in runner.route(journey).stops]))
        answers = variants if data.draw(some.booleans()) else ANSWERS
        journey = runner.save(journey, page, answers[page]).journey
        if data.draw(some.booleans()):
            journey = runner.carry_on(PERMIT, journey.kept(), SETTING)

    afresh = runner.replay(PERMIT, journey.answers, SETTING, saved=journey.saved)
    assert runner.route(afresh) == runner.route(journey)
    assert afresh.results == journey.results
    while (page := runner.next_page(journey)) != runner.CHECK:
        journey = runner.save(journey, page, variants[page]).journey
    for page in ("who", "skip", "dates"):
        journey = runner.save(journey, page, variants[page]).journey
    straight = runner.begin(PERMIT, SETTING)
    while (page := runner.next_page(straight)) != runner.CHECK:
        straight = runner.save(straight, page, variants[page]).journey
    assert [stop.page.id for stop in runner.route(journey).stops] == [s.page.id for s in runner.route(straight).stops]


def long_form(pages: int) -> Plan:
    """A form each page of which is asked because of the one before, with a value and a check on each."""
    parts = ["key: long", "name: Long", "destinations: [{to: file, name: out}]", "values:"]
    parts += [f"  - {{id: v{n}, type: number, formula: answers.q{n} + 1}}" for n in range(pages)]
    parts += ["pages:"]
    for n in range(pages):
        when = f"\n    when: answers.q{n - 1} > 0" if n else ""
        parts.append(
            f"  - id: p{n}\n    title: Page {n}{when}\n    questions:\n"
            f"      - {{id: q{n}, label: Number {n}, type: number, "
            f'checks: [{{rule: "answers.q{n} < 1000", message: Too much}}]}}'
        )
    return made("\n".join(parts))


def test_saving_a_page_of_a_form_of_200_questions_works_out_what_a_form_of_10_does() -> None:
    counts = []
    for pages in (10, 200):
        plan = long_form(pages)
        journey = runner.begin(plan, SETTING)
        for n in range(8):
            journey = runner.save(journey, f"p{n}", {f"q{n}": "5"}).journey
        kept = runner.carry_on(plan, journey.kept(), SETTING)
        saved = runner.save(kept, "p4", {"q4": "6"}).journey
        counts.append((kept.worked_out, journey.worked_out, saved.worked_out))

    assert counts[0] == counts[1]
    assert max(counts[0]) <= 4  # its check, its value, the page that depends on it, and what these change


LOOKED_UP = """
key: x
name: X
destinations: [{to: file, name: out}]
pages:
  - {id: one, title: One, questions: [{id: postcode, label: Postcode, type: text}]}
  - id: two
    title: Two
    questions:
      - id: round
        label: Round
        type: choice
        lookup: {name: rounds, does: options, given: {postcode: answers.postcode}}
      - {id: ward, label: Ward, type: text, lookup: {name: ward, given: {postcode: answers.postcode}}}
  - {id: three, title: Three, when: "lookups.ward == 'North'", text: You live in the north.}
"""


def test_a_look_up_offers_fills_and_decides_is_asked_once_and_says_so_when_it_is_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, object]] = []

    def answer(service: str, name: str, given: object) -> object:
        asked.append((name, given))
        if name == "ward":
            return "North"
        return [{"key": "a", "label": "Round A"}]

    plan = made(LOOKED_UP)
    first = runner.save(runner.begin(plan, SETTING), "one", {"postcode": "EX1 2AB"}).journey
    monkeypatch.setattr(lookups, "_askers", [])
    without, down = lookups.for_page(first, "two")
    assert len(down) == 2
    assert runner.save(without, "two", {"round": "a", "ward": "W"}).problems[0].question == "round"

    monkeypatch.setattr(lookups, "_askers", [answer])
    journey, down = lookups.for_page(first, "two")
    again, _ = lookups.for_page(runner.carry_on(plan, journey.kept(), journey.setting), "two")

    assert down == ()
    assert again.results == journey.results
    assert asked == [("rounds", {"postcode": "EX1 2AB"}), ("ward", {"postcode": "EX1 2AB"})]
    shown = {one.question.id: one for one in runner.asked(journey, "two")}
    assert [option.label.en for option in shown["round"].question.options] == ["Round A"]
    assert shown["ward"].answer == "North"
    done = runner.save(journey, "two", {"round": "a", "ward": "North"}).journey
    assert runner.next_page(done, "two") == "three"
    assert looking_over.rows(done)[1].rows[0].text == "Round A"


def calls_to_save_a_page(pages: int) -> int:
    """How many functions run to open a draft gone through, answer its middle page, keep it and find the next page."""
    plan = long_form(pages)
    journey = runner.begin(plan, SETTING)
    for n in range(pages):
        journey = runner.save(journey, f"p{n}", {f"q{n}": "5"}).journey
    kept, page, counted = journey.kept(), pages // 2, 0

    def called(_frame: object, event: str, _what: object) -> None:
        nonlocal counted
        counted += event == "call"

    sys.setprofile(called)
    saved = runner.save(runner.carry_on(plan, kept, SETTING), f"p{page}", {f"q{page}": "6"})
    following = runner.next_page(saved.journey, f"p{page}")
    saved.journey.kept()
    sys.setprofile(None)
    assert (saved.problems, following) == ((), f"p{page + 1}")
    return counted


def test_a_page_of_a_form_of_200_is_saved_with_hardly_more_work_than_one_of_10() -> None:
    assert calls_to_save_a_page(200) < 2 * calls_to_save_a_page(10)


def test_a_journey_carried_on_is_the_one_that_was_kept_and_follows_what_changed_meanwhile() -> None:
    form = made()
    journey = runner.begin(form, SETTING)
    for page, answers in ANSWERS.items():
        journey = runner.save(journey, page, answers).journey
    again = runner.carry_on(form, json.loads(json.dumps(journey.kept())), SETTING)
    whole = runner.replay(form, journey.answers, SETTING, saved=journey.saved)
    for one in (again, whole):
        assert (one.states, dict(one.results)) == (journey.states, dict(journey.results))
    later = runner.carry_on(form, journey.kept(), replace(SETTING, today=date(2026, 4, 1)))
    assert later.states["dates"] == "here", "the first day has passed"
    assert later.states == runner.replay(form, journey.answers, later.setting, saved=journey.saved).states
