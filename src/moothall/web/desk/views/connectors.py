"""How the connections to other systems do, and pausing, testing or queueing again a whole one (CT-74, BEST-60)."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases.models import Case
from moothall.domain.exchange import actions, queries
from moothall.domain.exchange.actions import QueueRefusal
from moothall.domain.exchange.models import Connector, Item, ItemQuerySet
from moothall.web.common import connectors as tests
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.components.parts import Colour, Link, Row
from moothall.web.components.templatetags.components import moment
from moothall.web.desk import questions
from moothall.web.desk.access import needs
from moothall.web.desk.forms.queue import STATUSES, CancelAll, Reason
from moothall.web.desk.request import DeskRequest

AT_A_TIME = 100


@needs(Permission.VIEW_QUEUE)
@require_safe
def connectors(request: DeskRequest) -> HttpResponse:
    """Every connector: what waits, what failed, the last call that went well and the last that did not."""
    found = queries.health(at=request.now, seen_by=request.user)
    recording.searched("item", by=request.user, at=request.now, via="desk connectors", found=len(found), asked=[])
    page = {
        "lines": [
            {
                "health": one,
                "rows": _facts(one),
                "testable": one.key in tests.CHECKS,
                "waiting": any(one.counts.get(str(status)) for status in actions.CANCELLABLE),
            }
            for one in found
        ],
        "may_test": request.user.may(Permission.MANAGE_CONNECTORS),
        "may_manage": request.user.may(Permission.MANAGE_QUEUE),
    }
    return TemplateResponse(request, "desk/connectors.html", page)


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def test(request: DeskRequest, key: str) -> HttpResponse:
    """Call the other system now and say whether it answers."""
    connector = _named(key)
    if connector.key not in tests.CHECKS:
        raise Http404
    said = tests.test(connector.key, by=request.user, at=request.now)
    tell = messages.success if said.works else messages.error
    tell(request, " ".join(said.sentences))
    return redirect("desk:connectors")


@needs(Permission.MANAGE_CONNECTORS)
@READ_OR_SEND
def pause(request: DeskRequest, key: str) -> HttpResponse:
    """Send nothing through a connector until it is un-paused."""
    connector = _named(key)
    form = Reason(sent(request))
    if form.is_valid():
        act = actions.pause_connector
        return _done(request, act, connector, _("%s is paused."), reason=form.cleaned_data["reason"])
    page = {"connector": connector, "form": form, "failed": bool(form.errors)}
    return TemplateResponse(request, "desk/connector_pause.html", page, status=422 if form.errors else 200)


@needs(Permission.MANAGE_CONNECTORS)
@require_POST
def unpause(request: DeskRequest, key: str) -> HttpResponse:
    """Go on sending."""
    return _done(request, actions.unpause_connector, _named(key), _("%s goes on."))


@needs(Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE)
@require_POST
def requeue(request: DeskRequest, key: str) -> HttpResponse:
    """Queue again what ended in an error, of what one may manage, a hundred at a time."""
    connector = _named(key)
    among = _managed(request)
    done = len(actions.requeue_connector(connector, among=among, most=AT_A_TIME, by=request.user, at=request.now))
    messages.success(request, ngettext("%s item is queued again.", "%s items are queued again.", done) % done)
    if left := actions.to_requeue(connector, among=among).count():
        messages.warning(
            request,
            ngettext(
                "%s more item ended in an error. Press the button again.",
                "%s more items ended in an error. Press the button again.",
                left,
            )
            % left,
        )
    return redirect("desk:connectors")


@needs(Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE)
@READ_OR_SEND
def cancel(request: DeskRequest, key: str) -> HttpResponse:
    """Cancel everything that waits at a connector, of what one may manage: asked with its count, done bit by bit.

    What is queued after the question was asked is left alone.
    """
    connector, among = _named(key), _managed(request)
    form = CancelAll(sent(request), initial={"until": request.now.isoformat()})
    if form.is_valid():
        reason, until = form.cleaned_data["reason"], form.cleaned_data["until"]
        results = actions.cancel_connector(
            connector, among=among, until=until, most=AT_A_TIME, reason=reason, by=request.user, at=request.now
        )
        came = {
            "results": [[item.pk, problem] for item, problem in results],
            "reason": reason,
            "until": until.isoformat(),
        }
        kept = questions.keep(request, _cancelled(connector), came, at=request.now)
        return redirect("desk:connector_cancelled", connector.key, kept)
    until = request.now
    recording.searched("item", by=request.user, at=request.now, via="desk connector.cancel", found=0, asked=[])
    page = {
        "connector": connector,
        "form": form,
        "count": actions.to_cancel(connector, among=among, until=until).count(),
        "failed": bool(form.errors),
    }
    return TemplateResponse(request, "desk/connector_cancel.html", page, status=422 if form.errors else 200)


@needs(Permission.VIEW_QUEUE, Permission.MANAGE_QUEUE)
@require_safe
def cancelled(request: DeskRequest, key: str, results: str) -> HttpResponse:
    """What came of each that was to be cancelled, and how many are left now."""
    connector, among = _named(key), _managed(request)
    came = questions.read(request, _cancelled(connector), results, at=request.now)
    problems = dict(came["results"])
    items = list(among.filter(pk__in=problems).select_related("case").order_by("pk"))
    recording.searched(
        "item", by=request.user, at=request.now, via="desk connector.cancelled", found=len(items), asked=[]
    )
    left = actions.to_cancel(connector, among=among, until=datetime.fromisoformat(came["until"])).count()
    page = {
        "connector": connector,
        "results": [(item, problems[item.pk]) for item in items],
        "done": sum(not problem for problem in problems.values()),
        "left": left,
        "form": CancelAll(initial={"reason": came["reason"], "until": came["until"]}) if left else None,
        "failed": False,
    }
    return TemplateResponse(request, "desk/connector_cancelled.html", page)


def _cancelled(connector: Connector) -> str:
    """The name under which results are kept for who cancelled."""
    return f"cancelled {connector.pk}"


def _managed(request: DeskRequest) -> ItemQuerySet:
    """The items one may manage."""
    cases = Case.objects.visible_to(request.user, Permission.MANAGE_QUEUE)
    return Item.objects.visible_to(request.user).filter(case__in=cases.values("id"))


def _done(request: DeskRequest, act: Any, connector: Connector, said: str, **given: str) -> HttpResponse:
    try:
        act(connector, by=request.user, at=request.now, **given)
    except QueueRefusal as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said % connector.name)
    return redirect("desk:connectors")


def tag(text: str, colour: Colour) -> str:
    """A tag, as HTML."""
    return render_to_string("components/tag.html", {"text": text, "colour": colour})


def _facts(health: queries.Health) -> list[Row]:
    def when(at: datetime | None) -> str:
        return moment(at) or _("not in the last day")

    counts = [
        Row(
            str(STATUSES[Item.Status(status)]),
            str(count),
            [Link(_("Show"), f"{reverse('desk:queue')}?{urlencode({'connector': health.key, 'status': status})}")]
            if count
            else (),
        )
        for status, count in health.counts.items()
    ]
    problem = f"{moment(health.last_problem_at)}: {health.last_problem}" if health.last_problem_at else when(None)
    rate = f" ({_per_cent(health.failed_lately, health.calls_lately)} %)" if health.calls_lately else ""
    return [
        Row(_("How it does"), _standing(health)),
        *counts,
        Row(_("Waiting longest, due since"), moment(health.oldest_due_at) or _("nothing waits")),
        Row(_("Calls that failed in the last day"), f"{health.failed_lately} / {health.calls_lately}{rate}"),
        Row(_("Calls at once"), _("%s at most") % health.at_once),
        Row(_("Queued and settled in the last hour"), f"{health.queued_lately} / {health.settled_lately}"),
        Row(_("Last success"), when(health.last_success_at)),
        Row(_("Last error"), problem),
    ]


def _per_cent(failed: int, calls: int) -> int:
    """The share that failed, never less than it is, and all of them only where all did."""
    return -(-failed * 100 // calls) if failed * 100 <= 99 * calls else failed * 100 // calls


def _standing(health: queries.Health) -> str:
    """Whether it runs, in words and as a tag."""
    if health.paused:
        return tag(_("Paused"), "yellow")
    if health.stopped_until:
        return tag(_("Stopped after failures until %s") % moment(health.stopped_until), "red")
    last, good = health.last_problem_at, health.last_success_at
    if last and (good is None or good < last):
        return tag(_("Failing since %s") % moment(last), "orange")
    return tag(_("Running"), "green")


def _named(key: str) -> Connector:
    connector = Connector.objects.filter(key=key).first()
    if connector is None:
        raise Http404
    return connector


urlpatterns = [
    path("connectors/", connectors, name="connectors"),
    path("connectors/<slug:key>/test/", test, name="connector_test"),
    path("connectors/<slug:key>/pause/", pause, name="connector_pause"),
    path("connectors/<slug:key>/unpause/", unpause, name="connector_unpause"),
    path("connectors/<slug:key>/cancel/", cancel, name="connector_cancel"),
    path("connectors/<slug:key>/cancelled/<slug:results>/", cancelled, name="connector_cancelled"),
    path("connectors/<slug:key>/requeue/", requeue, name="connector_requeue"),
]
