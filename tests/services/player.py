"""Plays the examples of a service through the engine, the messages and the integration queue, as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.domain.cases import actions, alarms, progress, requests
from moothall.domain.cases.models import Case, Intention, Request, Run, WorkItem
from moothall.domain.cases.progress import AlreadyProgressed, NotAllowed, Refused
from moothall.domain.catalogue.example import Example, ExampleReply, Step
from moothall.domain.catalogue.models import Service
from moothall.domain.documents.models import Document
from moothall.domain.exchange import operations, settling
from moothall.domain.exchange.claims import claim
from moothall.domain.exchange.models import Item
from moothall.domain.messages.models import Message
from moothall.domain.people import actions as people
from moothall.domain.people.actions import OrganisationDetails, PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import Customer
from moothall.kit.calendars import LONDON

_ADDRESS = AddressLines(line1="4 Sample Street", town="Exampleton", postcode="EX1 2AB")
_CONTACTS = [Contact(type="email", value="ann@example.org"), Contact(type="mobile", value="07700 900123")]


def play(example: Example, service: Service) -> Case:
    """Open the example's case and let every step happen. Raises AssertionError naming the step that went otherwise."""
    player = _Player(example, service)
    for number, step in enumerate(example.steps, start=1):
        player.take(step, name=f"Step {number} ({step.event} {getattr(step, step.event)})")
    return player.case


@dataclass
class _Seen:
    """How far the case had come before a step."""

    messages: int
    items: int
    intentions: int

    @classmethod
    def now(cls) -> "_Seen":
        return cls(Message.objects.count(), Item.objects.count(), Intention.objects.count())


@dataclass
class _Player:
    example: Example
    service: Service
    now: datetime = field(init=False)
    case: Case = field(init=False)
    documents: dict[str, Document] = field(init=False, default_factory=dict)
    users: dict[str, User] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        example, given = self.example, self.example.case
        seen = _Seen.now()
        self.now = example.opened
        by = self.user(example.by)
        self.case = actions.open_case(
            service=self.service,
            type=given.type,
            source=given.source,
            customer=self._customer(by),
            tags=given.tags,
            by=by,
            at=self.now,
            start=given.workflow is None,
        )
        self._look_at_messages(example.letters, (), seen, "The opening")
        self._add(example.documents)
        if given.workflow:
            progress.start(self.case, given.workflow, by=by, at=self.now, by_hand=True)

    def user(self, group: str) -> User:
        """Somebody in one group, with the permissions the service gives it."""
        if group not in self.users:
            user = User.objects.create_user(f"{group}@council.example.org", full_name=group.replace("_", " ").title())
            Membership.objects.create(user=user, group=SecurityGroup.objects.get(key=group))
            self.users[group] = user
        return self.users[group]

    def take(self, step: Step, *, name: str) -> None:
        """Let a step happen and look at what came of it."""
        self.now += timedelta(minutes=1)
        seen = _Seen.now()
        run = self._happen(step, name)
        self._look(step, run, seen, name)

    def _customer(self, by: User) -> Customer:
        given = self.example.case
        if given.customer == "organisation":
            organisation = OrganisationDetails(name="Sample Day Centre", contact_name="Ann Example")
            return people.create_organisation(organisation, by=by, at=self.now, address=_ADDRESS, contacts=_CONTACTS)
        person = PersonDetails(
            first_names="Ann", last_name="Example", date_of_birth=given.born, gender="female", language=given.language
        )
        return people.create_person(person, by=by, at=self.now, address=_ADDRESS, contacts=_CONTACTS)

    def _add(self, documents: Mapping[str, tuple[str, ...]]) -> None:
        for name, tags in documents.items():
            self.documents[name] = actions.add_document(
                self.case,
                name=f"{name}.png",
                content=_picture(len(self.documents)),
                origin=Document.Origin.APPLICANT,
                tags=tags,
                by=self.user(self.example.by),
                at=self.now,
            )

    def _happen(self, step: Step, name: str) -> Run | None:
        """Do what the step says; the run it acted on, where it acts on one."""
        by = self.user(step.by or self.example.by)
        if step.choose is not None:
            return self._choose(step, by, name)
        if step.start is not None:
            return self._start(step, by, name)
        if step.days is not None:
            self._pass(step.days)
        elif step.pay is not None:
            actions.record_payment(self.case, pence=step.pay.pence, method=step.pay.method, by=by, at=self.now)
        elif step.tag is not None:
            system = system_user()
            change = {"set": step.tag.set, "remove": step.tag.remove}
            actions.tag_case(self.case, **change, by=system, at=self.now, system=True)
        elif step.document is not None:
            self._add(step.document)
        elif step.reply is not None:
            self._reply(step.reply)
        else:
            for request in self.case.requests.filter(state=Request.State.OPEN):
                requests.answer(request, text=step.applicant_answers or "", by=by, at=self.now)
        return self.case.runs.order_by("-pk").first()

    def _choose(self, step: Step, by: User, name: str) -> Run:
        item = self._item(step.at or "", name)
        try:
            progress.choose(
                item, step.choose or "", answers=self._answers(step.answers), note=step.note, by=by, at=self.now
            )
        except (Refused, NotAllowed, AlreadyProgressed) as refusal:
            self._refused(step, str(refusal), name)
            assert WorkItem.objects.get(pk=item.pk).finished_at is None, f"{name}: refused, and yet it went on."
        else:
            assert not step.refused, f"{name}: this should have been refused."
        return item.run

    def _start(self, step: Step, by: User, name: str) -> Run | None:
        try:
            return progress.start(self.case, step.start or "", by=by, at=self.now, by_hand=True)
        except NotAllowed as refusal:
            self._refused(step, str(refusal), name)
            return None

    @staticmethod
    def _refused(step: Step, sentence: str, name: str) -> None:
        assert step.refused, f"{name}: refused: {sentence}"
        for words in _many(step.refused):
            assert words in sentence, f"{name}: refused, but for another reason: {sentence}"

    def _item(self, place: str, name: str) -> WorkItem:
        items = [item for item in self._open() if place in _names(item)]
        assert len(items) == 1, f"{name}: the case is not at {place} but at {self._places()}."
        return items[0]

    def _answers(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        def named(value: Any) -> Any:
            if isinstance(value, list):
                return [named(one) for one in value]
            return str(self.documents[value].pk) if isinstance(value, str) and value in self.documents else value

        return {question: named(answer) for question, answer in answers.items()}

    def _pass(self, days: int) -> None:
        for _ in range(days):
            self.now += timedelta(days=1)
            today = self.now.astimezone(LONDON).date()
            requests.remind_due(today=today, at=self.now)
            requests.close_due(today=today, at=self.now)
            alarms.wake(at=self.now)

    def _reply(self, reply: ExampleReply) -> None:
        """What a sender does once the other system has answered: claim the item that is due, and settle it."""
        item = Item.objects.filter(case=self.case, operation=reply.operation).latest("pk")
        self.now = max(self.now, item.due_at)
        claimed = claim(item.connector.key, at=self.now)
        assert isinstance(claimed, Item), f"{reply.operation} is {item.status}: not to be sent."
        assert claimed.pk == item.pk, f"{claimed.operation} comes before {reply.operation}."
        call = settling.Call(pk=claimed.pk, claim=claimed.claims, asking=False, started_at=self.now)
        operation = operations.get(item.operation)
        if reply.status == "done":
            settling.finish(call, operation, operations.Reply(result=reply.result), at=self.now)
        else:
            settling.failed(call, operations.SendError("The address is too long."), at=self.now)

    def _open(self) -> list[WorkItem]:
        rows = WorkItem.objects.open().select_related("stage", "run__version__workflow", "case")
        return list(rows.filter(case=self.case).order_by("pk"))

    def _places(self) -> list[str]:
        return [item.stage.key for item in self._open()]

    def _look(self, step: Step, run: Run | None, seen: _Seen, name: str) -> None:
        self.case.refresh_from_db()
        if step.now is not None:
            wanted, found = _many(step.now), [_names(item) for item in self._open()]
            fits = len(wanted) == len(found) and all(any(place in names for names in found) for place in wanted)
            assert fits, f"{name}: the case should be at {list(wanted)} and is at {self._places()}."
        if step.ended is not None:
            assert run is not None, name
            run.refresh_from_db()
            assert run.end_state == step.ended, f"{name}: the workflow should have ended {step.ended}: {run.end_state}"
        if step.closed is not None:
            assert self.case.end_state == step.closed, f"{name}: the case is {self.case.end_state or 'open'}."
        self._look_at_messages(step.letters, step.saying, seen, name)
        if step.queued is not None:
            new = Item.objects.order_by("pk")[seen.items :]
            assert [item.operation for item in new] == list(step.queued), f"{name}: queued {list(new)}."
        if step.intentions is not None:
            texts = list(Intention.objects.order_by("pk").values_list("text", flat=True)[seen.intentions :])
            assert texts == list(step.intentions), f"{name}: to be done: {texts}."
        assert set(step.tagged) <= set(self.case.tags), f"{name}: the case is tagged {self.case.tags}."
        assert set(step.untagged).isdisjoint(self.case.tags), f"{name}: the case is tagged {self.case.tags}."

    @staticmethod
    def _look_at_messages(letters: tuple[str, ...] | None, saying: tuple[str, ...], seen: _Seen, name: str) -> None:
        new = list(Message.objects.select_related("template_version__template").order_by("pk")[seen.messages :])
        keys = dict.fromkeys(
            message.template_version.template.key.partition(".")[2] for message in new if message.template_version
        )
        if letters is not None:
            assert list(keys) == list(letters), f"{name}: wrote {list(keys)}, not {list(letters)}."
        assert not any(message.problem for message in new), f"{name}: {[message.problem for message in new]}"
        for words in saying:
            assert any(words in message.html for message in new), f"{name}: no message says “{words}”."


def _names(item: WorkItem) -> tuple[str, str]:
    workflow = item.run.version.workflow.key.partition(".")[2]
    return item.stage.key, f"{workflow}.{item.stage.key}"


def _many(words: str | tuple[str, ...]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else words


def _picture(shade: int) -> bytes:
    content = BytesIO()
    Image.new("RGB", (8, 8), (shade, shade, shade)).save(content, "PNG")
    return content.getvalue()
