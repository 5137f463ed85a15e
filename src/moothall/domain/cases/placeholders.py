"""What the placeholders of a message about a case hold. Nothing is read before a template asks for it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import cached_property

from django.db.models import Sum

from moothall.core.council.settings import Council, read
from moothall.domain.cases.answers import Answers
from moothall.domain.cases.models import Case, Request
from moothall.domain.cases.recipients import Recipient, address_lines, salutation
from moothall.domain.messages import words
from moothall.domain.messages.language import ANSWERS
from moothall.domain.payments.models import Payment
from moothall.domain.people.matching import BADGE_NUMBER
from moothall.domain.people.models import Customer, Organisation, Person
from moothall.kit import money
from moothall.kit.calendars import LONDON


class CaseValues(Mapping[str, object]):
    """The values of `vocabulary.CASES` for one case, message language, recipient and day, and of answers in a run."""

    def __init__(
        self, case: Case, *, recipient: Recipient, language: str, on: date, answers: Answers | None = None
    ) -> None:
        self._answers = answers or Answers(case)
        self._case = case
        self._recipient = recipient
        self._language = language
        self._on = on

    def __getitem__(self, name: str) -> object:
        if name.startswith(ANSWERS):
            return self._answers.words(name.removeprefix(ANSWERS), self._language)
        return _HOLDS[name](self)

    def __contains__(self, name: object) -> bool:
        return name in _HOLDS or (isinstance(name, str) and name.startswith(ANSWERS))

    def __iter__(self) -> Iterator[str]:
        return iter(_HOLDS)

    def __len__(self) -> int:
        return len(_HOLDS)

    def day(self, value: date) -> str:
        """A day in words."""
        return words.day(value, self._language)

    @cached_property
    def council(self) -> Council:
        """Who the council is."""
        return read(Council)

    @cached_property
    def person(self) -> Person | None:
        """The applicant, None when it is an organisation."""
        return self._case.customer.person if self._case.customer.kind == Customer.Kind.PERSON else None

    @cached_property
    def organisation(self) -> Organisation | None:
        """The organisation applying, None when it is a person."""
        return self._case.customer.organisation if self._case.customer.kind == Customer.Kind.ORGANISATION else None

    @cached_property
    def address(self) -> tuple[str, ...]:
        """The applicant's address, whoever the message goes to."""
        return address_lines(self._case.customer, self._on)

    @cached_property
    def request(self) -> Request | None:
        """The newest request the applicant has not answered."""
        return self._case.requests.filter(state=Request.State.OPEN).order_by("-number").first()

    @property
    def badge_number(self) -> str:
        """The newest badge number known of the applicant."""
        badges = self._case.customer.references.filter(type=BADGE_NUMBER)
        return badges.order_by("-pk").values_list("number", flat=True).first() or ""

    @property
    def amount_due(self) -> str:
        """What the case was asked to pay and has not paid yet."""
        asked = Payment.objects.filter(case_link__case=self._case, status=Payment.Status.REQUESTED)
        pence = asked.aggregate(pence=Sum("pence"))["pence"]
        return money.display(pence) if pence else ""

    @cached_property
    def paid(self) -> Payment | None:
        """The payment that came last."""
        came = Payment.objects.filter(case_link__case=self._case, received_at__isnull=False)
        return came.order_by("-received_at", "-pk").first()

    @property
    def paid_on(self) -> str:
        """The day of the payment that came last, in words."""
        received = self.paid.received_at if self.paid else None
        return self.day(received.astimezone(LONDON).date()) if received else ""

    @property
    def selfserve_link(self) -> str:
        """Where the public see this case; empty where the council has no such address."""
        address = self.council.public_url.rstrip("/")
        return f"{address}/cases/{self._case.reference}" if address else ""

    @property
    def case(self) -> Case:
        """The case the message is about."""
        return self._case

    @property
    def salutation(self) -> str:
        """Dear and the name of whoever the message goes to."""
        return salutation(self._case.customer, self._recipient, self._language)

    @property
    def today(self) -> date:
        """The day the message is written."""
        return self._on


_HOLDS: dict[str, Callable[[CaseValues], object]] = {
    "case_ref": lambda values: values.case.reference,
    "service_name": lambda values: values.case.service.name,
    "case_type": lambda values: values.case.type,
    "case_source": lambda values: values.case.source,
    "opened_on": lambda values: values.day(values.case.opened_at.astimezone(LONDON).date()),
    "salutation": lambda values: values.salutation,
    "title": lambda values: values.person.title if values.person else "",
    "first_name": lambda values: values.person.first_names if values.person else "",
    "last_name": lambda values: values.person.last_name if values.person else "",
    "full_name": lambda values: values.case.customer.name,
    "organisation": lambda values: values.case.customer.name if values.organisation else "",
    "postcode": lambda values: values.address[-1] if values.address else "",
    "badge_number": lambda values: values.badge_number,
    "answer_by": lambda values: values.day(values.request.answer_by) if values.request else "",
    "amount_due": lambda values: values.amount_due,
    "amount_paid": lambda values: money.display(values.paid.pence) if values.paid else "",
    "paid_for": lambda values: values.paid.purpose if values.paid else "",
    "paid_on": lambda values: values.paid_on,
    "payment_reference": lambda values: values.paid.reference if values.paid else "",
    "today": lambda values: values.day(values.today),
    "council_name": lambda values: values.council.name,
    "council_phone": lambda values: values.council.phone,
    "council_email": lambda values: values.council.email,
    "council_website": lambda values: values.council.website,
    "selfserve_link": lambda values: values.selfserve_link,
    "address_lines": lambda values: list(values.address),
    "council_address": lambda values: list(values.council.address),
    "request_items": lambda values: [item["label"] for item in values.request.items] if values.request else [],
}
