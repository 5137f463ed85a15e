import dataclasses
import datetime as dt
from typing import Any

import pytest

from moothall.domain.workflow import machine
from moothall.domain.workflow.definition import Workflow, parse
from moothall.domain.workflow.facts import CustomerFacts, DocumentFacts, Facts, PaymentFacts
from moothall.domain.workflow.machine import Change, Choice, Refused, Tagging
from moothall.kit.expressions import ExpressionFault

OFFICER = frozenset({"permit_officers"})
MANAGER = frozenset({"permit_managers"})
STRANGER = frozenset({"permit_viewers"})
PHOTO = {"photo": "face"}

ONE_STAGE = """
key: one
name: One
start: here
stages:
  - id: here
    name: Here
    see: [permit_officers]
    progress: [permit_officers]
    AUTOMATIC
    outcomes:
      - id: go
        name: Go
        REST
        end: {state: complete}
"""


def one_stage(rest: str = "", automatic: str = "") -> Workflow:
    return parse(ONE_STAGE.replace("REST", rest).replace("AUTOMATIC", automatic), file="one.yaml")


def asking(question: str) -> Workflow:
    return one_stage(f"questions: [{{id: it, label: It, {question}}}]")


def go(workflow: Workflow, facts: Facts, **answers: object) -> Change:
    return machine.decide(workflow, "here", Choice("go", answers), groups=OFFICER, facts=facts)


def refusal(
    workflow: Workflow, stage: str, choice: Choice, facts: Facts, groups: frozenset[str] = OFFICER
) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        machine.decide(workflow, stage, choice, groups=groups, facts=facts)
    return {reason.field: reason.sentence for reason in caught.value.reasons}


def test_choosing_an_outcome_says_everything_that_changes(workflow: Workflow, facts: Facts) -> None:
    change = machine.decide(workflow, "assessment", Choice("eligible", PHOTO), groups=OFFICER, facts=facts)

    assert change.to == "payment"
    assert change.end is None
    assert change.answers == {
        "photo": "face",
        "deliver_to": "home",
        "permits": 1,
        "start_date": "2026-03-03",
        "expiry_date": "2029-03-03",
    }
    assert change.documents == {"face": Tagging(frozenset({"permit_photograph"}), frozenset({"photograph"}))}
    assert [(position, effect.effect) for position, effect in change.effects] == [(0, "payment")]


def test_an_outcome_may_end_the_workflow(workflow: Workflow, facts: Facts) -> None:
    change = machine.decide(
        workflow, "initial_checks", Choice("out_of_area", note=" Lives elsewhere. "), groups=OFFICER, facts=facts
    )

    assert (change.to, change.end, change.note) == (None, "refused", "Lives elsewhere.")


def test_only_tags_that_make_a_difference_are_changed(workflow: Workflow, facts: Facts) -> None:
    choice = Choice("refuse", {"reasons": ["not_resident"]}, note="No.")
    change = machine.decide(workflow, "assessment", choice, groups=MANAGER, facts=facts)
    again = machine.decide(
        workflow,
        "assessment",
        choice,
        groups=MANAGER,
        facts=dataclasses.replace(facts, tags=frozenset({"refused"})),
    )

    assert change.case == Tagging(frozenset({"refused"}), frozenset({"checked"}))
    assert again.case == Tagging()


def test_who_may_not_choose_an_outcome_is_refused_and_is_not_offered_it(workflow: Workflow, facts: Facts) -> None:
    choice = Choice("refuse", {"reasons": ["not_resident"]}, note="No.")

    assert refusal(workflow, "assessment", choice, facts) == {"outcome": "You may not choose “Refuse” at “Assessment”."}
    offered = machine.permitted_outcomes(workflow, "assessment", groups=OFFICER, facts=facts)
    assert [permitted.outcome.id for permitted in offered] == ["eligible"]
    assert machine.permitted_outcomes(workflow, "assessment", groups=STRANGER, facts=facts) == []


def test_an_unknown_outcome_is_refused_and_an_unknown_stage_is_an_error(workflow: Workflow, facts: Facts) -> None:
    assert "has no outcome “fly”" in refusal(workflow, "assessment", Choice("fly"), facts)["outcome"]
    with pytest.raises(LookupError):
        machine.decide(workflow, "nowhere", Choice("fly"), groups=OFFICER, facts=facts)


def test_a_missing_tag_refuses_progress_naming_what_is_missing(workflow: Workflow, facts: Facts) -> None:
    untagged = dataclasses.replace(facts, tags=frozenset(), tag_names={"checked": "Identity checked"})

    sentence = "“Eligible” needs what is still missing: Identity checked."
    assert refusal(workflow, "assessment", Choice("eligible", PHOTO), untagged) == {"tags": sentence}
    offered = machine.permitted_outcomes(workflow, "assessment", groups=OFFICER, facts=untagged)
    assert offered[0].reasons == (sentence,)


def test_a_forbidden_tag_refuses_progress(facts: Facts) -> None:
    problems = refusal(one_stage("forbids_tags: [checked]"), "here", Choice("go"), facts)

    assert problems == {"tags": "“Go” cannot be chosen while the case has: Checked."}


def test_a_missing_document_refuses_progress(workflow: Workflow, facts: Facts) -> None:
    without = dataclasses.replace(facts, documents=())

    assert refusal(workflow, "initial_checks", Choice("complete"), without) == {
        "documents": "“Complete” needs a document tagged: Proof of address."
    }
    assert (
        machine.decide(workflow, "initial_checks", Choice("complete"), groups=OFFICER, facts=facts).to == "assessment"
    )


def test_a_condition_that_does_not_hold_refuses_the_outcome(workflow: Workflow, facts: Facts) -> None:
    appeal = dataclasses.replace(facts, case=dataclasses.replace(facts.case, type="appeal"))
    choice = Choice("incomplete", {"missing": ["photograph"]})

    assert (
        "cannot be chosen for this case as it is now" in refusal(workflow, "initial_checks", choice, appeal)["outcome"]
    )
    assert machine.decide(workflow, "initial_checks", choice, groups=OFFICER, facts=facts).to == "missing_information"


@pytest.mark.parametrize("note", ["", "  \n "])
def test_a_mandatory_note_cannot_be_blank(workflow: Workflow, facts: Facts, note: str) -> None:
    problems = refusal(workflow, "initial_checks", Choice("out_of_area", note=note), facts)

    assert problems == {"note": "“Out of area” needs a note."}


def test_a_note_is_refused_where_none_is_taken_or_it_is_too_long(facts: Facts) -> None:
    assert "takes no note" in refusal(one_stage("note: none"), "here", Choice("go", note="x"), facts)["note"]
    assert "10,000 characters" in refusal(one_stage(), "here", Choice("go", note="x" * 10_001), facts)["note"]


def test_everything_in_the_way_is_said_at_once(workflow: Workflow, facts: Facts) -> None:
    choice = Choice("refuse", {"reasons": ["because"], "mood": "bad"})
    problems = refusal(workflow, "assessment", choice, facts, MANAGER)

    assert problems == {
        "mood": "“Refuse” does not ask “mood”.",
        "reasons": "“because” is not one of the answers to “Reasons”.",
        "note": "“Refuse” needs a note.",
    }


def test_a_question_is_asked_only_when_its_condition_holds(workflow: Workflow, facts: Facts) -> None:
    other = Choice("refuse", {"reasons": ["other"]}, note="No.")
    idle = Choice("refuse", {"reasons": ["not_resident"], "other_reason": "left in the form"}, note="No.")

    assert refusal(workflow, "assessment", other, facts, MANAGER) == {
        "other_reason": "“Which other reason?” needs an answer."
    }
    assert "other_reason" not in machine.decide(workflow, "assessment", idle, groups=MANAGER, facts=facts).answers


def test_a_question_that_reads_a_wrong_answer_adds_no_fault_of_its_own(workflow: Workflow, facts: Facts) -> None:
    choice = Choice("eligible", {**PHOTO, "start_date": "soon"})

    assert list(refusal(workflow, "assessment", choice, facts)) == ["start_date"]


@pytest.mark.parametrize(
    ("start", "expiry", "field"),
    [
        ("2026-03-02", None, "start_date"),
        ("2026-04-01", "2026-04-01", "expiry_date"),
        ("2026-04-01", "2029-04-02", "expiry_date"),
        ("2026-04-01", "2029-04-01", None),
        ("2026-03-31", "2029-03-31", None),
        ("2028-02-29", "2031-02-28", None),
        ("2028-02-29", "2031-03-01", "expiry_date"),
    ],
)
def test_a_permit_starts_tomorrow_or_later_and_ends_within_three_years(
    workflow: Workflow, facts: Facts, start: str, expiry: str | None, field: str | None
) -> None:
    answers = {**PHOTO, "start_date": start} | ({"expiry_date": expiry} if expiry else {})
    choice = Choice("eligible", answers)

    if field is None:
        assert (
            machine.decide(workflow, "assessment", choice, groups=OFFICER, facts=facts).answers["expiry_date"] == expiry
        )
    else:
        assert list(refusal(workflow, "assessment", choice, facts)) == [field]


def test_defaults_follow_the_answers_given_so_far(workflow: Workflow, facts: Facts) -> None:
    fresh = machine.asked(workflow, "assessment", "eligible", facts)
    later = machine.asked(workflow, "assessment", "eligible", facts, {"start_date": "2026-06-01"})

    starts = {id: asked.default for id, asked in fresh.items() if asked.default is not None}
    assert starts == {"deliver_to": "home", "permits": 1, "start_date": "2026-03-03", "expiry_date": "2029-03-03"}
    assert later["expiry_date"].default == "2029-06-01"


def test_an_answer_given_as_nothing_stays_unanswered_instead_of_taking_the_default(facts: Facts) -> None:
    assert go(asking("type: number, default: 3"), facts).answers == {"it": 3}
    assert go(asking("type: number, default: 3"), facts, it="").answers == {}
    assert refusal(asking("type: number, default: 3, required: true"), "here", Choice("go", {"it": None}), facts)


@pytest.mark.parametrize(
    ("question", "given", "kept"),
    [
        ("type: text", "  Ann Example ", "Ann Example"),
        ("type: long_text", "a\nb", "a\nb"),
        ("type: number", "1,200", 1200),
        ("type: number", "1.5", 1.5),
        ("type: number", 2.0, 2),
        ("type: money", "£10.50", 1050),
        ("type: money", 10, 1000),
        ("type: money", 10.1, 1010),
        ("type: date", "2026-03-01", "2026-03-01"),
        ("type: date", dt.date(2026, 3, 1), "2026-03-01"),
        ("type: yes_no", "No", False),
        ("type: yes_no", True, True),
        ("type: choice, list: deliver_to", "home", "home"),
        ("type: choices, list: deliver_to", ["office", "home", "office"], ["office", "home"]),
        ("type: choices, list: deliver_to", "home", ["home"]),
        ("type: document", "bill", "bill"),
        ("type: documents, tag: photograph", ["face", "face"], ["face"]),
    ],
)
def test_an_answer_is_kept_in_one_form_for_its_type(facts: Facts, question: str, given: Any, kept: object) -> None:
    answer = go(asking(question), facts, it=given).answers["it"]

    assert answer == kept
    assert type(answer) is type(kept)


@pytest.mark.parametrize(
    ("question", "given", "sentence"),
    [
        ("type: text", "x" * 501, "500 characters or fewer"),
        ("type: text", "a\x00b", "cannot be shown"),
        ("type: text", 5, "must be text"),
        ("type: long_text", "x" * 10_001, "10,000 characters or fewer"),
        ("type: number", "twelve", "must be a number"),
        ("type: number", True, "must be a number"),
        ("type: number", float("nan"), "must be a number"),
        ("type: number", "1" * 15, "must be a number"),
        ("type: money", "10.001", "pounds and pence"),
        ("type: money", "-1", "pounds and pence"),
        ("type: money", float("inf"), "pounds and pence"),
        ("type: date", "01/03/2026", "must be a date"),
        ("type: date", "2026-02-30", "must be a date"),
        ("type: date", dt.datetime(2026, 3, 1, tzinfo=dt.UTC), "must be a date"),
        ("type: yes_no", "perhaps", "must be yes or no"),
        ("type: choice, list: deliver_to", "moon", "“moon” is not one of the answers"),
        ("type: choice, list: deliver_to", ["home", "office"], "is not one of the answers"),
        ("type: choice, list: deliver_to", "fax", "“fax” is no longer used"),
        ("type: choices, list: deliver_to", ["home", {"a": 1}], "is not one of the answers"),
        ("type: choice, list: nothing", "home", "cannot be found"),
        ("type: document", "other", "must be a document of this case"),
        ("type: document, tag: photograph", "bill", "must be a document tagged Photograph"),
        ("type: documents", ["bill", "other"], "must be a document of this case"),
        ("type: number, valid: answers.it < 5, message: Fewer than five.", "7", "Fewer than five."),
        ("type: number, valid: answers.it < 5", "7", "is not allowed"),
    ],
)
def test_an_answer_that_does_not_fit_its_question_is_refused(
    facts: Facts, question: str, given: object, sentence: str
) -> None:
    assert sentence in refusal(asking(question), "here", Choice("go", {"it": given}), facts)["it"]


def test_asking_again_takes_the_earlier_answer_away(workflow: Workflow, facts: Facts) -> None:
    before = dataclasses.replace(facts, answers={"other_reason": "old", "missing": ["photograph"]})
    choice = Choice("refuse", {"reasons": ["not_resident"]}, note="No.")

    change = machine.decide(workflow, "assessment", choice, groups=MANAGER, facts=before)

    assert change.run_answers == {"missing": ["photograph"], "reasons": ["not_resident"]}


def test_an_earlier_answer_does_not_decide_what_is_asked_when_the_question_comes_again(
    workflow: Workflow, facts: Facts
) -> None:
    before = dataclasses.replace(facts, answers={"reasons": ["other"]})
    problems = refusal(workflow, "assessment", Choice("refuse", {"reasons": None}, note="No."), before, MANAGER)

    assert "reasons" in problems
    assert "other_reason" not in problems
    later = one_stage(
        "questions: [{id: first, label: First, type: text}, {id: second, label: Second, type: text, required: true,"
        " when: answers.first == 'x'}]"
    )
    assert go(later, dataclasses.replace(facts, answers={"first": "x"})).answers == {}


def test_a_mandatory_document_wakes_the_automatic_stage_that_needs_it() -> None:
    workflow = one_stage("documents: [photograph]", "automatic: {when: 'true', outcome: go}")

    assert machine.depends_on(workflow, "here") == {"document"}


def test_an_effect_whose_condition_does_not_hold_is_left_out_and_the_others_keep_their_place(facts: Facts) -> None:
    workflow = one_stage(
        "questions: [{id: by_post, label: By post, type: yes_no}]\n"
        "        do: [{effect: send, operation: a.b, when: answers.by_post}, {effect: send, operation: a.c}]"
    )

    assert [position for position, _ in go(workflow, facts, by_post=False).effects] == [1]
    assert [position for position, _ in go(workflow, facts, by_post=True).effects] == [0, 1]


def test_the_platform_itself_needs_no_permit_but_meets_every_other_rule(workflow: Workflow, facts: Facts) -> None:
    untagged = dataclasses.replace(facts, tags=frozenset())

    assert machine.decide(workflow, "payment", Choice("paid"), groups=None, facts=facts).to == "issue"
    with pytest.raises(Refused, match="still missing: Checked"):
        machine.decide(workflow, "assessment", Choice("eligible", PHOTO), groups=None, facts=untagged)


def test_an_automatic_stage_progresses_when_its_condition_holds(workflow: Workflow, facts: Facts) -> None:
    tagged = dataclasses.replace(facts, tags=frozenset({"paid"}))
    asked = dataclasses.replace(facts, payments=(PaymentFacts("requested", 1000),))
    received = dataclasses.replace(facts, payments=(PaymentFacts("received", 1000, "card"),))

    assert machine.automatic_outcome(workflow, "payment", facts) is None
    assert machine.automatic_outcome(workflow, "payment", asked) is None
    assert machine.automatic_outcome(workflow, "payment", tagged) == "paid"
    assert machine.automatic_outcome(workflow, "payment", received) == "paid"
    assert machine.automatic_outcome(workflow, "assessment", received) is None


def test_an_automatic_stage_takes_the_outcome_of_the_reply(workflow: Workflow, facts: Facts) -> None:
    def after(reply: str) -> str | None:
        return machine.automatic_outcome(
            workflow, "issue", dataclasses.replace(facts, replies={"permits.order": reply})
        )

    assert machine.automatic_outcome(workflow, "issue", facts) is None
    assert (after("done"), after("error"), after("sending")) == ("issued", "order_failed", None)


def test_the_last_required_tag_lets_an_automatic_stage_progress(facts: Facts) -> None:
    workflow = one_stage("requires_tags: [checked, paid]", "automatic: {when: 'true', outcome: go}")

    assert machine.automatic_outcome(workflow, "here", facts) is None
    assert (
        machine.automatic_outcome(workflow, "here", dataclasses.replace(facts, tags=frozenset({"checked", "paid"})))
        == "go"
    )
    assert machine.depends_on(workflow, "here") == {"tag"}


def test_a_condition_that_cannot_be_worked_out_is_an_error_and_never_silence(facts: Facts) -> None:
    broken = one_stage(automatic="automatic: {when: 'case.type > 5', outcome: go}")

    with pytest.raises(ExpressionFault, match="different kinds"):
        machine.automatic_outcome(broken, "here", facts)
    guarded = one_stage("when: case.type > 5")
    assert "different kinds" in refusal(guarded, "here", Choice("go"), facts)["outcome"]
    offered = machine.permitted_outcomes(guarded, "here", groups=OFFICER, facts=facts)
    assert "different kinds" in offered[0].reasons[0]


@pytest.mark.parametrize(
    ("condition", "events"),
    [
        ("tag('paid')", {"tag"}),
        ("paid() || document('photograph')", {"payment", "document"}),
        ("documents.exists(d, d.type == 'photo')", {"document"}),
        ("replies['a.b'] == 'done'", {"reply"}),
        ("requests.open == 0", {"request"}),
        ("on_or_after('2026-05-01')", {"date"}),
        ("days_since(stage.entered_on) >= 28", {"date"}),
        ("case.age_days > 3", {"case", "date"}),
        ("customer.age >= 18", {"customer", "date"}),
        ("customer.kind == 'organisation'", {"customer"}),
        ("true", set()),
    ],
)
def test_an_automatic_stage_is_woken_only_by_what_its_condition_reads(condition: str, events: set[str]) -> None:
    workflow = one_stage(automatic=f'automatic: {{when: "{condition}", outcome: go}}')

    assert machine.depends_on(workflow, "here") == events


def test_a_stage_that_is_not_automatic_is_woken_by_nothing(workflow: Workflow, facts: Facts) -> None:
    assert machine.depends_on(workflow, "assessment") == frozenset()
    assert machine.due_moment(workflow, "assessment", facts) is None


@pytest.mark.parametrize(
    ("condition", "due"),
    [
        ("on_or_after('2026-05-01')", dt.date(2026, 5, 1)),
        ("on_or_after('2026-05-01') || on_or_after('2026-04-01')", dt.date(2026, 4, 1)),
        ("on_or_after('2026-03-02')", None),
        ("days_since(stage.entered_on) >= 28", dt.date(2026, 3, 29)),
        ("case.age_days >= 10", dt.date(2026, 3, 9)),
        ("customer.age >= 66", dt.date(2026, 3, 3)),
        ("today >= plus_days(stage.entered_on, 14)", dt.date(2026, 3, 15)),
        ("tag('paid') && days_since(stage.entered_on) >= 28", dt.date(2027, 4, 6)),
        ("tag('paid')", None),
    ],
)
def test_a_stage_waiting_for_a_day_says_on_which_to_look_again(
    facts: Facts, condition: str, due: dt.date | None
) -> None:
    workflow = one_stage(automatic=f'automatic: {{when: "{condition}", outcome: go}}')
    here_since = dataclasses.replace(facts, entered_on=dt.date(2026, 3, 1))

    assert machine.due_moment(workflow, "here", here_since) == due


def test_conditions_see_the_facts_under_their_published_names(facts: Facts) -> None:
    condition = (
        "case.type == 'new' && case.source == 'online' && case.reference == 'EX-0001' && case.service == 'parking'"
        " && case.opened_on == '2026-02-27' && case.age_days == 3 && 'checked' in tags && customer.kind == 'person'"
        " && 'vip' in customer.tags && customer.age == 65 && customer.has_nino && size(documents) == 2"
        " && payments.exists(p, p.pence == 500 && p.method == 'cash' && p.status == 'requested')"
        " && answers.earlier == 'x' && requests.open == 2 && requests.overdue == 1 && today == '2026-03-02'"
    )
    workflow = one_stage(
        "questions: [{id: earlier, label: Earlier, type: text}]", f'automatic: {{when: "{condition}", outcome: go}}'
    )
    full = dataclasses.replace(
        facts,
        customer=CustomerFacts(tags=frozenset({"vip"}), born=dt.date(1960, 3, 3), has_nino=True),
        payments=(PaymentFacts("requested", 500, "cash"),),
        answers={"earlier": "x"},
        open_requests=2,
        overdue_requests=1,
    )

    assert machine.automatic_outcome(workflow, "here", full) == "go"


def test_a_case_with_a_thousand_tagged_documents_is_still_decided(workflow: Workflow, facts: Facts) -> None:
    many = tuple(DocumentFacts(f"d{n}", tags=frozenset({"photograph"})) for n in range(1000))
    large = dataclasses.replace(facts, documents=(*facts.documents, *many))

    change = machine.decide(workflow, "assessment", Choice("eligible", {"photo": "d999"}), groups=OFFICER, facts=large)
    assert change.answers["photo"] == "d999"
