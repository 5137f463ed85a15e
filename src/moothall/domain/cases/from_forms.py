"""A form that was sent becomes a case: who it is from, what they said, what they sent with it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.domain.cases import opening, paying, progress, submissions, timeline
from moothall.domain.cases.models import Case, CaseDocument, Submission, TimelineEntry
from moothall.domain.cases.opening import CannotOpen, NewDemand
from moothall.domain.catalogue.models import Service
from moothall.domain.forms import about, delivering, destinations, looking_over, published, runner, submitting
from moothall.domain.forms.definition import Destination
from moothall.domain.forms.destinations import NotDelivered, Parcel
from moothall.domain.forms.journey import Journey
from moothall.domain.forms.models import Delivery
from moothall.domain.forms.models import Submission as FormSubmission
from moothall.domain.people import actions as people
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.matching import Match, Rule
from moothall.domain.people.models import Customer
from moothall.domain.people.names import fold
from moothall.domain.places.actions import keep_address
from moothall.domain.places.models import Address

SOURCE = "form"
"""What the submissions of forms are kept under."""

_WAYS = {"contact.email": "email", "contact.phone": "phone"}


@destinations.references_by
def next_reference(service: str) -> tuple[int, str]:
    """The number and reference of a service's next case, taken as the form is sent."""
    return opening.next_reference(Service.objects.only("prefix").get(key=service).prefix)


@destinations.delivers("case")
def open_case(parcel: Parcel, *, at: datetime) -> str:
    """Open the case of a form that was sent. Raises NotDelivered when none can be opened as things are."""
    sent = parcel.submission
    raw = {"form": sent.version.form.key, "reference": sent.reference, "place": parcel.delivery.place}
    kept, _ = submissions.receive(source=SOURCE, external_id=parcel.key, raw=raw, at=at)
    taken = submissions.take(kept, by=sent.officer or system_user(), at=at)
    if taken.case is None:
        raise NotDelivered(taken.problem, retryable=False)
    return taken.case.reference


@submissions.source(SOURCE)
def make_case(submission: Submission, *, by: User, at: datetime) -> Case:
    """Make the case of a form that was sent. Raises CannotOpen or Invalid with a sentence."""
    sent = FormSubmission.objects.get(key=UUID(submission.external_id.partition(".")[0]))
    journey = submitting.journey_of(sent)
    place = int(submission.raw["place"])
    destination = journey.plan.form.destinations[place]
    service = Service.objects.get(key=published.service_of(sent.version_id))
    customer, match = _customer(journey, sent, by=by, at=at)
    case = opening.open_case(
        service=service,
        type=_type(journey, destination),
        source=destination.source or ("phone" if sent.officer_id else "online"),
        customer=customer,
        by=by,
        at=at,
        submitted=looking_over.submitted(journey),
        tags=[one.tag for one in destination.tags if runner.holds(journey, one.when)],
        place=_place(journey),
        demands=_demands(journey, destination),
        match=match,
        number=sent.number if place == _first_case(journey) else None,
    )
    _add_files(case, sent, by=by, at=at)
    if sent.pence and place == _first_case(journey):
        fee = runner.fee(journey)
        purpose = fee.description if fee else journey.plan.form.name.en
        paying.request_payment(case, pence=sent.pence, purpose=purpose[:120], by=by, at=at)
    delivery = Delivery.objects.select_for_update().get(submission=sent, place=place)
    if delivery.state == Delivery.State.FAILED:  # an officer put right what was wrong, and tried again
        delivering.done(delivery, case.reference, at=at)
    return case


def _first_case(journey: Journey) -> int:
    """The place of the destination whose case has the reference that was given when the form was sent."""
    going = [id(one) for one in runner.destinations(journey) if one.to == "case"]
    return next(place for place, one in enumerate(journey.plan.form.destinations) if id(one) in going)


def _type(journey: Journey, destination: Destination) -> str:
    found = next((one.tag for one in destination.types if runner.holds(journey, one.when)), destination.type)
    if found is None:
        raise CannotOpen("The form does not say of which type its case is.")
    return found


def _demands(journey: Journey, destination: Destination) -> list[NewDemand]:
    words = journey.answer(destination.words) if destination.words else None
    return [NewDemand(type=_type(journey, destination), words=str(words))] if words else []


def facts(journey: Journey) -> dict[str, Any]:
    """What the answers say of the customer and the place, by the names of `forms.parts.FACTS`."""
    told: dict[str, Any] = {}
    for question in journey.plan.form.questions.values():  # a block that stands twice says it where it was asked
        answer = journey.answer(question.id) if question.fact else None
        if question.fact and answer is not None:
            told[question.fact] = answer
    return told


def _customer(journey: Journey, sent: FormSubmission, *, by: User, at: datetime) -> tuple[Customer, Match]:
    """Whom it is from: the account's customer, else the one the answers match, else a new one."""
    mine = None if about.another(journey) else sent.customer_id
    if mine and (known := Customer.objects.filter(pk=mine).first()):
        reason = "Signed in to their account."
        return known.golden, Match(customer=known.golden, rule=Rule.GIVEN, reason=reason)
    told = facts(journey)
    home = told.get("person.address")
    address = AddressLines(**home) if home else None
    whose = _whose_contacts(journey, sent, told)
    contacts = [Contact(type=way, value=told[fact], holder=whose) for fact, way in _WAYS.items() if fact in told]
    if "organisation.name" in told and "person.last_name" not in told:
        organisation = OrganisationDetails(
            name=told["organisation.name"], charity_number=told.get("organisation.charity_number", "")
        )
        found = people.organisation_for_application(organisation, by=by, at=at, address=address, contacts=contacts)
        return found.customer, found.match
    if "person.last_name" not in told:
        raise CannotOpen("The form does not say who it is from.")
    born = told.get("person.date_of_birth")
    person = PersonDetails(
        title=told.get("person.title", ""),
        first_names=told.get("person.first_names", ""),
        last_name=told["person.last_name"],
        name_at_birth=told.get("person.name_at_birth", ""),
        date_of_birth=date.fromisoformat(born) if born else None,
        gender=told.get("person.gender", ""),
        nino=told.get("person.nino", ""),
        language=sent.language,
    )
    found = people.person_for_application(person, by=by, at=at, address=address, contacts=contacts)
    return found.customer, found.match


def _whose_contacts(journey: Journey, sent: FormSubmission, told: dict[str, Any]) -> str:
    """Whose the ways to reach somebody are: nobody's but the customer's, or the name of whoever sent the form for them.

    What is told by a sender takes the place of nothing that is recorded as the customer's own, nor do letters follow it.
    """
    own = " ".join(filter(None, (told.get("person.first_names"), told.get("person.last_name"))))
    named = str(told.get("contact.name", ""))
    if named:
        return "" if fold(named) == fold(own) else named
    return f"Sender of {sent.reference}" if about.another(journey) and sent.officer_id is None else ""


def _place(journey: Journey) -> Address | None:
    lines = facts(journey).get("place.address")
    return keep_address(**lines) if lines else None


def _add_files(case: Case, sent: FormSubmission, *, by: User, at: datetime) -> None:
    """Put the files that were sent on the case; those uploaded and taken out of the answer again are left."""
    named = {id for answer in sent.answers.values() if isinstance(answer, list) for id in answer if isinstance(id, str)}
    uploads = [one for one in sent.uploads.select_related("document").order_by("pk") if str(one.pk) in named]
    for upload in uploads:
        document = upload.document
        if CaseDocument.objects.filter(document=document).exists():
            continue  # another case of the same form has it
        CaseDocument.objects.create(case=case, document=document)
        text = f"Document “{document.name}” added."
        kind = TimelineEntry.Kind.DOCUMENT
        timeline.write(case, kind=kind, text=text, by=by, at=at, document=document.pk, origin=document.origin)
    if uploads:
        progress.happened(case, event="document", at=at)
