"""A form in the form studio walked through as a citizen would. Nothing is stored or sent: the answers go along, signed."""

from typing import Any

from django.core import signing
from django.http import HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import translation

from moothall.core.accounts.permissions import Permission
from moothall.core.lists.models import Value
from moothall.domain.forms import looking_over, plan, runner
from moothall.domain.forms.definition import Form as Definition
from moothall.domain.forms.journey import Setting
from moothall.domain.forms.runner import CHECK, Journey, NotOnTheWay
from moothall.domain.workflow.facts import ListValues
from moothall.kit.calendars import LONDON
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.desk.access import needs
from moothall.web.desk.form_studio import Studio, studio
from moothall.web.desk.request import DeskRequest
from moothall.web.portal import form_answers, form_fields

_SALT = "studio.preview"
_HOURS = 12 * 3600
MOST_VALUES = 5_000


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def preview(request: DeskRequest, sketch_id: int) -> HttpResponse:
    """One page of the walk, and the next as it is answered; at the end what would be sent."""
    at = studio(request, sketch_id)
    around = {**at.page("studio_preview"), "spoken": _language(request, at), "officer": "officer" in request.GET}
    if at.faults:
        return TemplateResponse(request, "desk/studio/preview_not.html", {**around, "faults": at.faults[:20]})
    journey, there = _walked(request, at, request.POST.get("so_far", ""))
    page_id = request.POST.get("page", "")
    if request.method == "POST" and page_id:
        return _answered(at, journey, page_id, around)
    return _shown(at, journey, there, around)


def _language(request: DeskRequest, at: Studio) -> str:
    return "cy" if request.GET.get("language") == "cy" and at.welsh else "en"


def _walked(request: DeskRequest, at: Studio, so_far: str) -> tuple[Journey, str]:
    """The journey as far as it went, and the next page. Answers of an earlier state of the form are taken as far as they fit."""
    try:
        kept: dict[str, Any] = signing.loads(so_far, salt=_SALT, max_age=_HOURS) if so_far else {}
    except signing.BadSignature:
        kept = {}
    form = at.looked.whole
    assert form is not None
    journey = runner.replay(
        plan.of(form), kept.get("answers", {}), _setting(request, at, form), saved=kept.get("saved", ())
    )
    asked = request.POST.get("to", "")
    on_the_way = (asked == CHECK and runner.ready(journey)) or runner.route(journey).has(asked)
    return journey, asked if on_the_way else runner.next_page(journey)


def _setting(request: DeskRequest, at: Studio, form: Definition) -> Setting:
    """Of today, knowing nothing; with the lists of the service."""
    wanted = plan.of(form).lists
    keys: dict[str, set[str]] = {name: set() for name in wanted}
    labels: dict[str, dict[str, str]] = {name: {} for name in wanted}
    start = f"{at.sketch.service}."
    rows = Value.objects.filter(list__key__in=[f"{start}{name}" for name in wanted], retired_on=None)
    for full, key, label in rows.order_by("order", "pk").values_list("list__key", "key", "label")[:MOST_VALUES]:
        keys[full.removeprefix(start)].add(key)
        labels[full.removeprefix(start)][key] = label
    return Setting(
        today=request.now.astimezone(LONDON).date(),
        lists={name: ListValues(frozenset(some)) for name, some in keys.items()},
        labels=labels,
        officer="officer" in request.GET,
    )


def _answered(at: Studio, journey: Journey, page_id: str, around: dict[str, Any]) -> HttpResponse:
    """What was answered taken in, and the next page; or the page again with what is wrong."""
    sent = at.request.POST
    try:
        asked = runner.asked(journey, page_id)
        step = form_answers.step(asked, sent)
        if step.again:
            return _shown(at, journey, page_id, around, sent=step.sent)
        given = form_answers.given(asked, sent)
        for one in asked:
            files = at.request.FILES.getlist(f"{one.question.id}__files") if one.question.type == "upload" else []
            if files:
                given[one.question.id] = [f"file-{number}" for number, _file in enumerate(files[:20], start=1)]
        saved = runner.save(journey, page_id, given, language=around["spoken"])
    except NotOnTheWay:
        return _shown(at, journey, runner.next_page(journey), around)
    if saved.problems:
        return _shown(at, saved.tried, page_id, around, sent=sent, problems=saved.problems, kept=journey)
    return _shown(at, saved.journey, runner.next_page(saved.journey, page_id), around)


def _shown(
    at: Studio,
    journey: Journey,
    page_id: str,
    around: dict[str, Any],
    *,
    sent: QueryDict | None = None,
    problems: Any = (),
    kept: Journey | None = None,
) -> HttpResponse:
    """A page of the walk, or its end."""
    language, form = around["spoken"], journey.plan.form
    held = kept or journey
    page = {
        **around,
        "so_far": signing.dumps(
            {"answers": dict(held.answers), "saved": sorted(held.saved)}, salt=_SALT, compress=True
        ),
        "name": form.name.of(language),
        "page_id": page_id,
        "before": runner.back(journey, page_id),
        "failed": bool(problems),
        "check": page_id == CHECK,
        "form": None,
        "text": [],
        "exit": False,
    }
    with translation.override(language):
        if page_id == CHECK:
            page |= _end(journey, language)
        else:
            page |= _page(journey, page_id, language, sent, problems)
    return TemplateResponse(at.request, "desk/studio/preview.html", page, status=422 if problems else 200)


def _page(journey: Journey, page_id: str, language: str, sent: QueryDict | None, problems: Any) -> dict[str, Any]:
    found = journey.plan.form.page(page_id)
    made = form_fields.page(
        runner.asked(journey, page_id), language=language, labels=journey.setting.labels, files={}, sent=sent, given={}
    )
    made.accuse(problems)
    text = found.text.of(language).split("\n\n") if found.text else []
    return {
        "form": made.form,
        "shown": made.shown,
        "title": found.title.of(language),
        "text": text,
        "exit": found.exit,
    }


def _end(journey: Journey, language: str) -> dict[str, Any]:
    """What would be sent, where it would go, and what would be paid."""
    fee = runner.fee(journey)
    thanks = journey.plan.form.thanks
    return {
        "title": "",
        "sections": looking_over.rows(journey, language),
        "fee": fee.pence if fee else 0,
        "goes_to": [one.to for one in runner.destinations(journey)],
        "evidence": [one.question.label.of(language) for one in runner.evidence(journey)],
        "thanks": thanks.of(language) if thanks else "",
    }


urlpatterns = [path("studio/<int:sketch_id>/preview/", preview, name="studio_preview")]
