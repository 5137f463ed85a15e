"""Everything that failed anywhere and waits for somebody, of what one may see (BEST-31)."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.cases import sight, stuck
from moothall.domain.cases.models import WorkItem
from moothall.domain.exchange import dealing, entries
from moothall.domain.exchange.models import DealtWith, Delivery, Item
from moothall.domain.messages.models import Message
from moothall.domain.people.golden import following
from moothall.web.common import unmade
from moothall.web.components.parts import Link
from moothall.web.desk import payment_failures
from moothall.web.desk.failed import Line, Section


def sections(user: User) -> list[Section]:
    """Messages, queue, applications, their files, stages and jobs that need somebody, of what one may see."""
    return [
        _messages(user),
        _receipts(user),
        *_queue(user),
        _applications(user),
        _files(user),
        _stages(user),
        *payment_failures.sections(user),
        _followers(user),
        _jobs(user),
    ]


def _messages(user: User) -> Section:
    failed = sight.visible_messages(user).filter(status=Message.Status.FAILED)
    rows = dealing.open_ones(failed, DealtWith.Kind.MESSAGE)
    rows = rows.select_related("case_link__case").defer("html").order_by("-created_at", "-id")

    def line(row: Any) -> Line:
        reference = row.case_link.case.reference
        deal = reverse("desk:digest_deal", args=["message", row.pk])
        link = Link(row.subject or row.get_channel_display(), reverse("desk:message", args=[reference, row.pk]))
        return Line(link, reference, row.problem, row.created_at, deal=deal)

    who = _("The officer of the case: send it another way, or put the address right.")
    return Section(_("Messages that could not be delivered"), "messages", rows, line, who=who)


def _receipts(user: User) -> Section:
    seen = Item.objects.visible_to(user).values("id")
    rows = Delivery.objects.filter(failed=True, item__in=seen, at__gt=timezone.now() - payment_failures.RECENT)
    rows = rows.select_related("item__case").defer("item__case__submitted", "item__sent").order_by("-at", "-id")

    def line(row: Delivery) -> Line:
        link = Link(entries.title(row.item), reverse("desk:queue_item", args=[row.item_id]))
        return Line(link, row.item.case.reference, row.said, row.at)

    who = _("The officer of the case: put the address right and send it another way. It is listed for ninety days.")
    return Section(_("Messages other systems could not deliver"), "receipts", rows, line, who=who)


def _queue(user: User) -> list[Section]:
    kinds = {
        Item.Status.ERROR: _("Integrations that failed"),
        Item.Status.PAUSED: _("Integrations that are paused"),
    }

    def line(row: Item) -> Line:
        link = Link(entries.title(row), reverse("desk:queue_item", args=[row.pk]))
        why = row.problem if row.status == Item.Status.ERROR else row.pause_reason
        return Line(link, row.case.reference, why, row.created_at)

    found, who = [], _("Whoever manages the queue: open the item to put it right.")
    for status, title in kinds.items():
        rows = (
            Item.objects.visible_to(user).filter(status=status).select_related("case").defer("case__submitted", "sent")
        )
        link = Link(_("All of them"), f"{reverse('desk:queue')}?{urlencode({'status': status})}")
        rows = rows.order_by("-created_at", "-id")
        found.append(Section(title, str(status), rows, line, all=link, who=who))
    return found


def _applications(user: User) -> Section:
    def line(row: Any) -> Line:
        name = f"{row.source.replace('_', ' ')} {row.external_id}"
        retry = reverse("desk:digest_retry", args=[row.pk])
        deal = reverse("desk:digest_deal", args=["submission", row.pk])
        return Line(Link(name, ""), "", row.problem, row.received_at, retry, deal)

    rows = dealing.open_ones(unmade.failed(user), DealtWith.Kind.SUBMISSION)
    who = _("Whoever manages the queue: put right what is wrong and try again, or open the case by hand.")
    return Section(_("Applications no case could be made of"), "applications", rows, line, who=who, of_cases=False)


def _files(user: User) -> Section:
    rows = dealing.open_ones(dealing.missing_files(sight.visible_timeline(user)), DealtWith.Kind.FILE)
    rows = rows.select_related("case").defer("case__submitted").order_by("-at", "-id")

    def line(row: Any) -> Line:
        deal = reverse("desk:digest_deal", args=["file", row.pk])
        reference = row.case.reference
        seen = user.may(Permission.VIEW_DOCUMENTS, row.case.service_key)
        there = f"{reverse('desk:case_documents', args=[reference])}#missing" if seen else ""
        link = Link(row.detail["missing"], there or reverse("desk:case", args=[reference]))
        return Line(link, reference, row.text, row.at, deal=deal)

    who = _("The officer of the case: try again, ask the applicant for it, or put it on the case by hand.")
    return Section(_("Files of applications that are not on their case"), "files", rows, line, who=who)


def _stages(user: User) -> Section:
    seen = WorkItem.objects.visible_to(user).values("id")
    rows = stuck.stages().filter(pk__in=seen).select_related("case", "stage").defer("case__submitted")

    def line(row: WorkItem) -> Line:
        said = _("It could not go on by itself: the reason is in an important note.")
        link = Link(row.stage.name, reverse("desk:case_workflow", args=[row.case.reference]))
        return Line(link, row.case.reference, said, row.entered_at)

    who = _("The officer of the case, and who administers the service.")
    rows = rows.order_by("-entered_at", "-id")
    return Section(_("Automatic stages that are stuck"), "stages", rows, line, who=who)


def _followers(user: User) -> Section:
    rows = following.stopped()
    if not user.may(Permission.MANAGE_CONNECTORS):
        rows = rows.none()

    def line(row: Any) -> Line:
        return Line(Link(row.name, reverse("desk:follower", args=[row.pk])), "", row.paused_why, row.paused_at)

    who = _("Who manages connectors: put right why, then go on where it was.")
    return Section(_("Systems that are told nothing any more"), "followers", rows, line, who=who, of_cases=False)


def _jobs(user: User) -> Section:
    rows = ProcrastinateJob.objects.filter(status="failed").order_by("-id")
    if not user.may(Permission.MANAGE_CONNECTORS):
        rows = rows.none()

    def line(row: Any) -> Line:
        said = _("Given up after %s tries. The log says why.") % row.attempts
        return Line(Link(row.task_name, ""), "", said, row.scheduled_at)

    who = _("The technical team.")
    return Section(_("Jobs that were given up"), "jobs", rows, line, who=who, of_cases=False)
