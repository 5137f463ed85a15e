"""What GOV.UK Notify can be told: an e-mail, a text message, a letter of one of its templates or one produced here.

An outcome, or the arrival of a case, names the template by its id there and says which of our placeholders stands for
each of its own. It knows no key of ours that makes once mean once: each message carries a reference, and after no
answer it is asked for messages of that reference.
"""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from moothall.connectors.govuk_notify import KEY, NAME, client
from moothall.connectors.govuk_notify.client import NotifyError
from moothall.connectors.govuk_notify.settings import LONGEST_TIMEOUT, GovukNotify
from moothall.core.accounts.models import User
from moothall.core.council.settings import read
from moothall.domain.cases import recipients
from moothall.domain.cases.placeholders import CaseValues
from moothall.domain.cases.recipients import Recipient
from moothall.domain.exchange import deliveries, operations
from moothall.domain.exchange.models import Item
from moothall.domain.exchange.operations import Editable, Payload, Reply, Transcript
from moothall.kit.calendars import LONDON

Row = dict[str, Any]
LINES = 7


class _Message:
    """What all of them have in common."""

    name: str
    title: str
    what: str  # in a sentence
    kind: str
    connector = KEY
    lane = "messages"
    editable: Mapping[str, Editable] = {}

    def subject(self, item: Item) -> str:  # noqa: ARG002 - two messages to one customer are two messages
        return ""

    def build(self, item: Item) -> Payload:
        recipient = recipients.find(item.case.customer, "customer", on=_today())
        return {
            "to": self.to(item, recipient),
            "template": str(item.arguments.get("template") or ""),
            "personalisation": _filled(item, recipient) | self.also(recipient),
            "reference": f"{item.case.reference}-{item.pk}",
        }

    def to(self, item: Item, recipient: Recipient) -> str:
        """Where it goes; empty when that is not known."""
        raise NotImplementedError

    def also(self, recipient: Recipient) -> Row:  # noqa: ARG002
        """Placeholders every template of the kind has."""
        return {}

    def validate(self, payload: Payload, *, item: Item) -> list[str]:  # noqa: ARG002
        found = [] if payload["template"] else ["No template is named: put that right in the service."]
        return found if payload["to"] else [*found, f"The customer has no {self.what}: add it, then queue this again."]

    def request(self, payload: Payload, *, item: Item) -> Mapping[str, Any]:  # noqa: ARG002
        url = f"{read(GovukNotify).base_url}/v2/notifications/{self.kind}"
        return {"method": "POST", "url": url, "headers": {"Authorization": "Bearer …"}}

    def send(self, payload: Payload, *, item: Item) -> Reply:  # noqa: ARG002
        return self.reply(client.call(lambda notify: self.hand_over(notify, payload), writing=True), payload)

    def hand_over(self, notify: Any, payload: Payload) -> Any:
        """The one call that sends it."""
        raise NotImplementedError

    def ask(self, payload: Payload, *, item: Item) -> Reply | None:  # noqa: ARG002
        reference = payload["reference"]
        listed = client.call(lambda notify: notify.get_all_notifications(reference=reference)).get("notifications")
        found = next((row for row in listed or [] if row.get("reference") == reference), None)
        return self.reply(found, payload) if found else None

    def reply(self, row: Row, payload: Payload) -> Reply:
        """What came of it: its id, by which receipts name it."""
        if not row.get("id"):
            raise NotifyError("The answer of GOV.UK Notify could not be read.", unknown=True)
        content = row.get("content")
        shown = content if isinstance(content, dict) else row  # found by asking, its words stand beside the rest
        result = {"id": str(row["id"]), "to": payload["to"], "kind": self.kind}
        result |= {name: str(shown[name]) for name in ("subject", "body") if shown.get(name)}
        return Reply(
            result=result, summary=f"{NAME} took it for {payload['to']}.", transcript=Transcript(response={"body": row})
        )

    def done(self, item: Item, reply: Reply, *, by: User, at: datetime) -> None:  # noqa: ARG002
        deliveries.handed_over(item, str(reply.result["id"]), at=at)


class Email(_Message):
    """An e-mail to the applicant."""

    name = f"{KEY}.email"
    title = "E-mail through GOV.UK Notify"
    what = "e-mail address"
    kind = "email"

    def to(self, item: Item, recipient: Recipient) -> str:  # noqa: ARG002
        return recipient.email

    def hand_over(self, notify: Any, payload: Payload) -> Any:
        return notify.send_email_notification(
            email_address=payload["to"],
            template_id=payload["template"],
            personalisation=payload["personalisation"],
            reference=payload["reference"],
            email_reply_to_id=read(GovukNotify).email_reply_to_id or None,
        )


class Sms(_Message):
    """A text message to the applicant's mobile telephone."""

    name = f"{KEY}.sms"
    title = "Text message through GOV.UK Notify"
    what = "mobile telephone number"
    kind = "sms"

    def to(self, item: Item, recipient: Recipient) -> str:  # noqa: ARG002
        return recipients.mobile(item.case.customer, on=_today())

    def hand_over(self, notify: Any, payload: Payload) -> Any:
        return notify.send_sms_notification(
            phone_number=payload["to"],
            template_id=payload["template"],
            personalisation=payload["personalisation"],
            reference=payload["reference"],
            sms_sender_id=read(GovukNotify).sms_sender_id or None,
        )


class Letter(_Message):
    """A letter of one of its templates."""

    name = f"{KEY}.letter"
    title = "Letter through GOV.UK Notify"
    what = "postal address"
    kind = "letter"

    def to(self, item: Item, recipient: Recipient) -> str:  # noqa: ARG002
        return ", ".join([recipient.name, *recipient.lines]) if recipient.lines else ""

    def also(self, recipient: Recipient) -> Row:
        lines = [recipient.name, *recipient.lines]
        if len(lines) > LINES:
            lines = [*lines[: LINES - 2], ", ".join(lines[LINES - 2 : -1]), lines[-1]]
        return {f"address_line_{number}": line for number, line in enumerate(lines, 1)}

    def hand_over(self, notify: Any, payload: Payload) -> Any:
        return notify.send_letter_notification(
            template_id=payload["template"],
            personalisation=payload["personalisation"],
            reference=payload["reference"],
        )


class Precompiled(Letter):
    """A letter of the service, produced here as it would be printed here, and printed there."""

    name = f"{KEY}.precompiled"
    title = "Own letter printed by GOV.UK Notify"

    def send(self, payload: Payload, *, item: Item) -> Reply:
        pdf = deliveries.produced(item.case, payload["template"], at=timezone.now())
        reference, postage = payload["reference"], read(GovukNotify).postage

        def hand_over(notify: Any) -> Any:
            return notify.send_precompiled_letter_notification(reference, io.BytesIO(pdf), postage=postage)

        return self.reply(client.call(hand_over, writing=True), payload)


def register() -> None:
    """Make the operations known to the queue and to definitions."""
    for operation in (Email(), Sms(), Letter(), Precompiled()):
        operations.register(operation)
    operations.called(KEY, NAME)
    operations.lasts(KEY, seconds=LONGEST_TIMEOUT * 4)


def _filled(item: Item, recipient: Recipient) -> Row:
    """What stands for each placeholder of the template, as the case has it now."""
    asked = item.arguments.get("placeholders")
    values = CaseValues(item.case, recipient=recipient, language="en", on=_today())
    return {str(theirs): str(values[str(ours)]) for theirs, ours in (asked or {}).items() if str(ours) in values}


def _today() -> Any:
    return timezone.now().astimezone(LONDON).date()
