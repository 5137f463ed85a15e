"""The forms of services as whoever looks after them sees them: how each stands, is used, and what of it waits for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet, Sum
from django.http import Http404
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import form_studio
from moothall.domain.catalogue.models import Service
from moothall.domain.forms import compare, published
from moothall.domain.forms.definition import Form as Definition
from moothall.domain.forms.definition import Page
from moothall.domain.forms.models import Abandoned, Delivery, Draft, Form, Submission
from moothall.domain.forms.standing import of_row

MOST = 500
SHOWN = 50
LATELY = timedelta(days=30)


@dataclass(frozen=True)
class Line:
    """A form in the list. `begun` are drafts on their way; `sent` is of the last thirty days."""

    row: Form
    name: str
    service: str
    state: str
    begun: int
    sent: int
    waiting: int
    failed: int


def mine(user: User) -> QuerySet[Form]:
    """The forms in force of the services a user looks after."""
    rows = Form.objects.filter(current__isnull=False).select_related("current").order_by("key")
    reached = user.reached(Permission.MANAGE_SERVICES)
    if reached is None:
        return rows
    wanted = Q(pk__in=())
    for service in sorted(reached):
        wanted |= Q(key__startswith=f"{service}.")
    return rows.filter(wanted)


def named(user: User, key: str) -> Form:
    """One of them. Raises Http404."""
    row = mine(user).filter(key=key).first()
    if row is None:
        raise Http404
    return row


def lines(user: User, *, at: datetime) -> list[Line]:
    """All of them with what is counted, in as many statements however many they are."""
    rows = list(mine(user)[:MOST])
    sent = Submission.objects.filter(version__form__in=rows)
    begun = _counted(Draft.objects.filter(version__form__in=rows, expires_at__gt=at), "version__form")
    lately = _counted(sent.filter(submitted_at__gt=at - LATELY), "version__form")
    waiting = _counted(sent.filter(waiting=True), "version__form")
    failed = _counted(undelivered().filter(submission__version__form__in=rows), "submission__version__form")
    return [
        Line(
            row,
            published.plan(row.current_id or 0).form.name.en,
            row.key.partition(".")[0],
            state(row, at=at),
            begun.get(row.pk, 0),
            lately.get(row.pk, 0),
            waiting.get(row.pk, 0),
            failed.get(row.pk, 0),
        )
        for row in rows
    ]


def _counted(rows: QuerySet[Any], form: str) -> dict[int, int]:
    return dict(rows.order_by().values_list(form).annotate(Count("pk")))


def state(row: Form, *, at: datetime) -> str:
    """How a form stands, in a word."""
    words = {
        "open": _("Open"),
        "not_yet": _("Not open yet"),
        "closed": _("Closed"),
        "full": _("Full"),
        "waiting_list": _("Waiting list"),
        "maintenance": _("Notice instead"),
    }
    return words[of_row(row, at=at).state]


def undelivered() -> QuerySet[Delivery]:
    """What was sent and did not arrive where it goes, though it was tried."""
    return Delivery.objects.exclude(state=Delivery.State.DONE).filter(
        Q(attempts__gt=0) | Q(state=Delivery.State.FAILED)
    )


@dataclass(frozen=True)
class Use:
    """How a form was used in the last thirty days: by whom, in how many minutes; and where those who have not sent it left."""

    sent: int
    by_officers: int
    with_account: int
    minutes: int | None
    left: Sequence[tuple[str, int]]  # after which page, and how many
    given_up: Sequence[tuple[str, int]] = ()  # the same of drafts whose time was over

    @property
    def given_up_in_all(self) -> int:
        return sum(number for _title, number in self.given_up)

    @property
    def without_account(self) -> int:
        return self.sent - self.by_officers - self.with_account


def use(row: Form, *, at: datetime) -> Use:
    """How a form is used (FRM-11): what was sent and given up in thirty days, and what is on its way."""
    sent = Submission.objects.filter(version__form=row, submitted_at__gt=at - LATELY)
    officers, accounts = Count("pk", filter=Q(officer__isnull=False)), Count("pk", filter=~Q(account=""))
    told = sent.aggregate(
        all=Count("pk"), officers=officers, accounts=accounts, took=Avg(F("submitted_at") - F("started_at"))
    )
    drafts = Draft.objects.filter(version__form=row, expires_at__gt=at)
    left: dict[str, int] = dict(drafts.order_by().values_list("page").annotate(Count("pk")))
    given_up = Abandoned.objects.filter(form=row, day__gt=(at - LATELY).date())
    ended: dict[str, int] = dict(given_up.order_by().values_list("page").annotate(Sum("number")))
    form = definition(row)
    titles = [("", _("Before the first page")), *((page.id, page.title.en) for page in form.pages)]
    minutes = round(told["took"].total_seconds() / 60) if told["took"] else None
    return Use(
        told["all"],
        told["officers"],
        told["accounts"],
        minutes,
        [(title, left[id]) for id, title in titles if left.get(id)],
        [(title, ended[id]) for id, title in titles if ended.get(id)],
    )


def definition(row: Form) -> Definition:
    """The form in force."""
    return published.plan(row.current_id or 0).form


@dataclass(frozen=True)
class Drawn:
    """A page as the preview shows it: its title, when it is asked, and its questions as label, kind and condition."""

    title: str
    when: str
    ends: bool
    questions: Sequence[tuple[str, str, str]]


def drawn(form: Definition) -> list[Drawn]:
    """The pages in order."""
    return [Drawn(page.title.en, page.when or "", page.exit, _questions(page)) for page in form.pages]


def _questions(page: Page) -> list[tuple[str, str, str]]:
    return [(one.label.en, one.type.replace("_", " "), one.when or "") for one in page.asks]


@dataclass(frozen=True)
class OfFolder:
    """What the service's folder says of a form made in the studio: whether it has one, and what it would change."""

    there: bool
    changes: Sequence[str]


def of_folder(row: Form) -> OfFolder:
    """That of a form in force."""
    name, _dot, key = row.key.partition(".")
    service = Service.objects.select_related("current").get(key=name)
    said = form_studio.of_file(service, key)
    whole = form_studio.look(service, said).whole if said else None
    changes = compare.changes(definition(row), whole) if whole else []
    return OfFolder(whole is not None, [change.sentence for change in changes])
