"""Who a customer is, changed: written on their open cases, and done by workflows (CT-8).

A workflow changes a person by the effect `hook` named `people.change`. Its outcome asks for any of `title`,
`first_names`, `last_name`, `date_of_birth` and `nino`, of which what is left empty stays as it is, and for `reason` and
`evidence`. Who may do so is said by the groups of the outcome, and of its second officer.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from moothall.core.accounts.models import User
from moothall.core.audit import recording
from moothall.domain.cases import numbers, timeline
from moothall.domain.cases.effects import Occasion, hook
from moothall.domain.cases.locking import hold_open_cases
from moothall.domain.cases.models import Case, TimelineEntry
from moothall.domain.cases.refusal import CannotChange
from moothall.domain.people import corrections, organisations
from moothall.domain.people.corrections import Correction
from moothall.domain.people.models import Customer, Person
from moothall.domain.workflow.answering import Problem
from moothall.domain.workflow.machine import Refused
from moothall.kit.invalid import Invalid

FACTS = ("title", "first_names", "last_name", "date_of_birth", "nino")


@hook("people.change", of_customer=True)
def change(occasion: Occasion) -> None:
    """Change the customer as answered. Raises CannotChange, ChangedMeanwhile, and as `numbers.kept` does.

    What an answer cannot be is a reason of Refused, beside its question.
    """
    customer = Customer.objects.select_related("person").get(pk=occasion.case.customer_id)
    if customer.kind != Customer.Kind.PERSON:
        raise CannotChange(f"{customer.name} is an organisation, which has neither a date of birth nor a number.")
    given = {name: occasion.answers[name] for name in FACTS if occasion.answers.get(name)}
    if not given:
        raise CannotChange("Say what is to be changed.")
    if "date_of_birth" in given:
        given["date_of_birth"] = date.fromisoformat(given["date_of_birth"])
    if problems := list(_problems(customer.person, given, at=occasion.at)):
        raise Refused(problems)
    if not corrections.differs(customer.person, given):
        raise CannotChange("This is what is recorded already: nothing would be changed.")
    correct(
        customer,
        changes=given,
        version=corrections.version_of(customer.person),
        reason=str(occasion.answers.get("reason", "")),
        evidence=str(occasion.answers.get("evidence", "")),
        by=occasion.by,
        at=occasion.at,
    )


def _problems(person: Person, given: Mapping[str, Any], *, at: datetime) -> Iterator[Problem]:
    for name, value in given.items():
        try:
            corrections.check_fact(person, name, value, at=at)
        except Invalid as wrong:
            yield Problem(name, str(wrong), answer=True)


def correct(
    customer: Customer,
    *,
    changes: Mapping[str, Any],
    version: str,
    reason: str,
    by: User,
    at: datetime,
    evidence: str = "",
) -> None:
    """Change who a customer is, as `corrections.change_person` does, and tell of a number as `numbers.kept` does; what an
    organisation is, as `organisations.change` does.

    Their open cases are held first, for the name stands in the work list and the change on each timeline (see `locking`).
    """
    with recording.because(action=f"{customer.kind}.changed", by=by, at=at, reason=reason):
        hold_open_cases(customer.pk)
        if customer.kind == Customer.Kind.ORGANISATION:
            organisations.change(customer, changes=changes, version=version, reason=reason, by=by, at=at)
            return
        with numbers.kept(changes.get("nino"), by=by, at=at):
            corrections.change_person(
                customer, changes=changes, version=version, reason=reason, evidence=evidence, by=by, at=at
            )


def write(correction: Correction) -> None:
    """A line on each open case of the customer: what was, what is, why, and what showed it."""
    what = "; ".join(f"{name} from {before} to {now}" for name, before, now in correction.facts)
    shown = f" Shown by: {correction.evidence}" if correction.evidence else ""
    text = f"The customer's record was changed: {what}. Reason: {correction.reason}{shown}"
    for case in Case.objects.open().filter(customer=correction.customer.pk).defer("submitted").order_by("pk"):
        timeline.write(case, kind=TimelineEntry.Kind.PERSON, text=text, by=correction.by, at=correction.at)


corrections.heard_by(write)
