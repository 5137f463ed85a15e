"""What the national service can be told: order, replace and cancel a badge, and how an application stands."""

# ruff: noqa: ARG002 - every operation is given the same

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from moothall.connectors.dft_blue_badge import (
    KEY,
    NAME,
    answers,
    badges,
    client,
    codes,
    errors,
    making,
    order_rules,
    orders,
    reconcile,
)
from moothall.connectors.dft_blue_badge.client import Client, Row
from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.photos import NoPhotograph
from moothall.connectors.dft_blue_badge.settings import LONGEST_TIMEOUT
from moothall.connectors.dft_blue_badge.transport import MOST_CALLS, WHOLE_ANSWER, Answer
from moothall.core.accounts.models import User
from moothall.domain.cases import actions as cases
from moothall.domain.cases.models import Note, Submission
from moothall.domain.exchange import operations
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.operations import Editable, Payload, Reply, Transcript
from moothall.domain.people.numbers import fold_number

_BADGE = {"badgeNumber": Editable(title="badge number", personal=True)}
_DELIVERY = {
    "deliverToCode": Editable(title="deliver to"),
    "deliveryOptionCode": Editable(title="delivery option"),
}
SET_STATUS = f"{KEY}.set_status"
AGAIN_LATER = timedelta(hours=6)  # while a badge is at the printer
_ON_THE_WAY = ("ORDERED", "PROCESSED")


class _AboutABadge:
    """What a replacement and a cancellation have in common: they are about one badge the customer has."""

    connector = KEY
    lane = "badge"

    def subject(self, item: Item) -> str:
        """Another badge of the same customer is another matter."""
        number = fold_number(str(answers.given(item).get("badge_number") or ""))
        return f"customer {item.case.customer_id} badge {number[:60]}"


class Order:
    """Orders the badge, or the badges of an organisation, as the case has them when the order goes.

    An officer may change what was decided about the badge. Whom it is for, their photograph, who asks and under which
    reference come from the record.
    """

    name = f"{KEY}.order"
    connector = KEY
    title = "Badge order"
    lane = "badge"
    editable: Mapping[str, Editable] = {
        "startDate": Editable(title="start date", kind=date),
        "expiryDate": Editable(title="expiry date", kind=date),
        **_DELIVERY,
        "numberOfBadges": Editable(title="number of badges", kind=int),
        "eligibilityCode": Editable(title="eligibility", personal=True),
        "notForReassessment": Editable(title="no reassessment needed", kind=bool, personal=True),
    }

    def subject(self, item: Item) -> str:
        return f"customer {item.case.customer_id}"

    def build(self, item: Item) -> Payload:
        try:
            return orders.build(item.case, answers.given(item), today=timezone.localdate())
        except NoPhotograph as problem:
            raise NationalError(str(problem)) from problem

    def validate(self, payload: Payload, *, item: Item) -> list[str]:
        return order_rules.order_problems(payload, today=timezone.localdate())

    def request(self, payload: Payload, *, item: Item) -> Mapping[str, Any]:
        return client.current().ordering()

    def send(self, payload: Payload, *, item: Item) -> Reply:
        national = client.current()
        try:
            numbers, answer = national.order(payload)
        except NationalError as error:
            if errors.ALREADY_EXISTS not in error.keys:
                raise
            return self._already_there(national, payload, error)
        return _ordered(numbers, payload, answer=answer)

    def ask(self, payload: Payload, *, item: Item) -> Reply | None:
        found = reconcile.ordered(client.current(), payload)
        wanted = int(payload.get("numberOfBadges") or 1)
        numbers = [str(badge["badgeNumber"]) for badge in found]
        if not numbers:
            return None
        if len(numbers) < wanted:
            raise NationalError(
                f"Only {len(numbers)} of the {wanted} badges ordered are there ({', '.join(numbers)}). Look at them in"
                " the national service, and order those that are missing under another start date."
            )
        return _ordered(numbers, payload, found=found)

    def done(self, item: Item, reply: Reply, *, by: User, at: datetime) -> None:
        start, expiry = badges.dates(reply.result)
        status = str(reply.result.get("status") or "ordered")
        badges.keep(item.case, reply.result["numbers"], status=status, start=start, expiry=expiry, by=by, at=at)

    def _already_there(self, national: Client, payload: Payload, error: NationalError) -> Reply:
        """An order like this one is there: an earlier try of ours, or another badge of the holder."""
        found = reconcile.ordered(national, payload)
        wanted = int(payload.get("numberOfBadges") or 1)
        if len(found) >= wanted:
            return _ordered([str(badge["badgeNumber"]) for badge in found], payload, found=found)
        other = reconcile.in_the_way(national, payload)
        if other:
            reference = f", ordered for {other['localAuthorityRef']}" if other.get("localAuthorityRef") else ""
            where = f" It is {other.get('badgeNumber')}{reference}, and is {badges.status_of(other)}."
        else:
            where = ""
        raise error.said(f"{error}{where} Cancel that badge first, or choose other dates for this one.")


class Replace(_AboutABadge):
    """Orders a new badge in place of one that was lost, stolen, damaged or not delivered. Nothing else changes."""

    name = f"{KEY}.replace"
    title = "Badge replacement"
    editable: Mapping[str, Editable] = {
        **_BADGE,
        "replaceReasonCode": Editable(title="reason", personal=True),
        **_DELIVERY,
    }

    def build(self, item: Item) -> Payload:
        given = answers.given(item)
        return {
            "badgeNumber": answers.badge_number(item, given),
            "replaceReasonCode": codes.national(answers.reason(given)),
            "deliverToCode": codes.national(str(given.get("deliver_to") or "home")),
            "deliveryOptionCode": codes.national(str(given.get("delivery_option") or "standard")),
        }

    def validate(self, payload: Payload, *, item: Item) -> list[str]:
        number = str(payload.get("badgeNumber") or "")
        return [*answers.badge_problems(item, number), *order_rules.replacement_problems(payload)]

    def request(self, payload: Payload, *, item: Item) -> Mapping[str, Any]:
        return client.current().replacing(str(payload["badgeNumber"]))

    def send(self, payload: Payload, *, item: Item) -> Reply:
        national, number = client.current(), str(payload["badgeNumber"])
        try:
            new, answer = national.replace(number, payload)
        except NationalError as error:
            if errors.REPLACE_STATUS in error.keys:
                _wait_for_printer(national.badge(number), error, to="replaced")
            raise
        return _replaced(number, new, answer=answer)

    def ask(self, payload: Payload, *, item: Item) -> Reply | None:
        national, number = client.current(), str(payload["badgeNumber"])
        old = national.badge(number)
        if old is None or old.get("statusCode") != "REPLACED":
            return None
        new = reconcile.replacement(national, old)
        if new is None:
            raise NationalError(
                f"The badge {number} was replaced, but its replacement cannot be found. Search for it by name, and"
                " record it on the customer."
            )
        return _replaced(number, str(new["badgeNumber"]))

    def done(self, item: Item, reply: Reply, *, by: User, at: datetime) -> None:
        old = str(reply.result["replaced"])
        badges.set_status(old, "replaced", by=by, at=at)
        earlier = badges.recorded(old)
        ours = earlier if earlier and earlier.customer_id == item.case.customer_id else None
        badges.keep(
            item.case,
            reply.result["numbers"],
            status="ordered",
            start=ours.from_date if ours else None,
            expiry=ours.to_date if ours else None,
            replaces=ours,
            by=by,
            at=at,
        )


class Cancel(_AboutABadge):
    """Cancels a badge that is ordered or issued."""

    name = f"{KEY}.cancel"
    title = "Badge cancellation"
    editable: Mapping[str, Editable] = {**_BADGE, "cancelReasonCode": Editable(title="reason", personal=True)}

    def build(self, item: Item) -> Payload:
        given = answers.given(item)
        return {
            "badgeNumber": answers.badge_number(item, given),
            "cancelReasonCode": codes.national(answers.reason(given)),
        }

    def validate(self, payload: Payload, *, item: Item) -> list[str]:
        number = str(payload.get("badgeNumber") or "")
        return [*answers.badge_problems(item, number), *order_rules.cancellation_problems(payload)]

    def request(self, payload: Payload, *, item: Item) -> Mapping[str, Any]:
        return client.current().cancelling(str(payload["badgeNumber"]))

    def send(self, payload: Payload, *, item: Item) -> Reply:
        national, number = client.current(), str(payload["badgeNumber"])
        try:
            answer = national.cancel(number, payload)
        except NationalError as error:
            if errors.CANCEL_STATUS in error.keys:
                badge = national.badge(number)
                if badge and badge.get("statusCode") == "CANCELLED":
                    return _cancelled(number)
                _wait_for_printer(badge, error, to="cancelled")
            raise
        return _cancelled(number, answer)

    def ask(self, payload: Payload, *, item: Item) -> Reply | None:
        number = str(payload["badgeNumber"])
        badge = client.current().badge(number)
        return _cancelled(number) if badge and badge.get("statusCode") == "CANCELLED" else None

    def done(self, item: Item, reply: Reply, *, by: User, at: datetime) -> None:
        for number in reply.result["numbers"]:
            badges.set_status(number, "cancelled", by=by, at=at)


class SetStatus:
    """Says nationally that we are working on an application, or have finished with it."""

    name = SET_STATUS
    connector = KEY
    title = "Application status"
    lane = "status"  # a label that cannot be set holds back no badge
    editable: Mapping[str, Editable] = {"applicationStatus": Editable(title="status")}

    def subject(self, item: Item) -> str:
        return ""

    def build(self, item: Item) -> Payload:
        application = Submission.objects.filter(case=item.case_id, source=KEY).first()
        if application is None:
            raise NationalError("This case did not come from the national service, so it has no status there.")
        status = str(item.arguments.get("status") or answers.given(item).get("status") or "")
        return {"applicationId": application.external_id, "applicationStatus": status}

    def request(self, payload: Payload, *, item: Item) -> Mapping[str, Any]:
        return client.current().setting_application_status(str(payload["applicationId"]))

    def validate(self, payload: Payload, *, item: Item) -> list[str]:
        known = ("TODO", "INPROGRESS", "COMPLETED")
        return [] if payload.get("applicationStatus") in known else [f"The status must be one of {', '.join(known)}."]

    def send(self, payload: Payload, *, item: Item) -> Reply:
        status = str(payload["applicationStatus"])
        try:
            answer = client.current().set_application_status(str(payload["applicationId"]), status)
        except NationalError as error:
            if error.gone:
                return _no_longer_ours(error)
            raise
        return _status_set(status, answer)

    def ask(self, payload: Payload, *, item: Item) -> Reply | None:
        try:
            application = client.current().application(str(payload["applicationId"]))
        except NationalError as error:
            if error.gone:
                return _no_longer_ours(error)
            raise
        status = str(payload["applicationStatus"])
        return _status_set(status) if application.get("applicationStatus") == status else None

    def done(self, item: Item, reply: Reply, *, by: User, at: datetime) -> None:
        text = str(reply.result.get("note") or "")
        if text and not Note.objects.filter(case=item.case, text=text).exists():
            cases.add_note(item.case, text=text, important=True, by=by, at=at)


def register() -> None:
    """Make the operations known to the queue and to definitions."""
    for operation in (Order(), Replace(), Cancel(), SetStatus()):
        operations.register(operation)
    operations.called(KEY, NAME)
    operations.lasts(KEY, seconds=LONGEST_TIMEOUT * WHOLE_ANSWER * MOST_CALLS)


def _ordered(
    numbers: list[str], payload: Payload, *, answer: Answer | None = None, found: list[Row] | None = None
) -> Reply:
    start, expiry = badges.dates(payload)
    valid = f", valid from {start:%-d %B %Y} to {expiry:%-d %B %Y}" if start and expiry else ""
    what = "Badge" if len(numbers) == 1 else f"{len(numbers)} badges"
    result = {"numbers": numbers, "startDate": payload.get("startDate"), "expiryDate": payload.get("expiryDate")}
    if found:
        result["status"] = badges.status_of(found[0])
    how = "found to be ordered already" if found else "ordered"
    transcript = _looked_up(found) if found else _transcript(answer)
    return Reply(result=result, summary=f"{what} {', '.join(numbers)} {how}{valid}.", transcript=transcript)


def _replaced(old: str, new: str, *, answer: Answer | None = None) -> Reply:
    return Reply(
        result={"numbers": [new], "replaced": old},
        summary=f"Badge {new} ordered in place of {old}.",
        transcript=_transcript(answer),
    )


def _cancelled(number: str, answer: Answer | None = None) -> Reply:
    return Reply(result={"numbers": [number]}, summary=f"Badge {number} cancelled.", transcript=_transcript(answer))


def _status_set(status: str, answer: Answer | None = None) -> Reply:
    words = {"TODO": "to do", "INPROGRESS": "in progress", "COMPLETED": "completed"}[status]
    return Reply(
        result={"status": status}, summary=f"the national service shows it as {words}.", transcript=_transcript(answer)
    )


def _no_longer_ours(error: NationalError) -> Reply:
    how = "was transferred to another authority" if error.transferred else "was deleted"
    note = making.gone(transferred=error.transferred)
    return Reply(result={"note": note}, summary=f"the application {how}.", transcript=error.transcript)


def _wait_for_printer(badge: Row | None, error: NationalError, *, to: str) -> None:
    """While a badge is on its way through the printer, try again later instead of asking a person."""
    status = str((badge or {}).get("statusCode") or "")
    waits = status in _ON_THE_WAY if to == "replaced" else status == "PROCESSED"
    if waits:
        sentence = f"The badge is being printed, so it cannot be {to} yet. This is tried again until it is issued."
        raise error.said(sentence, retryable=True, retry_after=AGAIN_LATER) from error
    if badge:
        raise error.said(f"The badge is {badges.status_of(badge)}, so it cannot be {to}.") from error


def _looked_up(found: list[Row]) -> Transcript:
    """What was found by asking: the badges as the service showed them."""
    return Transcript(
        request={"method": "GET", "path": "/badges, then each badge at the holder's postcode"},
        response={"status": 200, "body": {"data": found}},
    )


def _transcript(answer: Answer | None) -> Transcript:
    return Transcript(request=answer.request, response=answer.response) if answer else Transcript()
