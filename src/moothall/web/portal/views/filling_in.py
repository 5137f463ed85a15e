"""A form as it is filled in: its first page, and one page after the other."""

from typing import Any

from django.conf import settings
from django.http import Http404, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import path, reverse, translate_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moothall.domain.citizens import limits
from moothall.domain.citizens.limits import TooManyTries
from moothall.domain.documents import actions as documents
from moothall.domain.forms import actions, runner
from moothall.domain.forms.actions import NoDraft, NotOpen
from moothall.domain.forms.models import Upload
from moothall.domain.forms.runner import Asked, NotOnTheWay, Problem
from moothall.web.api.request import network_address
from moothall.web.common import address_finder, maps
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.portal import form_answers, form_drafts, form_fields
from moothall.web.portal.access import CitizenRequest, anybody
from moothall.web.portal.filling import Filling, filling, language, language_of, paragraphs
from moothall.web.portal.pages import page

MOST_FILES = 20
"""Files taken of one question at once."""


@anybody
@READ_OR_SEND
def begin(request: CitizenRequest, service: str, form: str) -> HttpResponseBase:
    """What the form is for, and the way in. Who is signed in finds what they began."""
    definition, key = form_drafts.form_named(service, form), f"{service}.{form}"
    tongue, by = language_of(definition), form_drafts.citizen(request)
    try:
        standing = actions.standing(key, at=request.now)
    except NotOpen:
        raise Http404 from None
    refused, status = "" if standing.takes else standing.of(tongue), 200
    sign_in = definition.sign_in == "required" and by is None
    if request.method == "POST" and not refused:
        try:
            source = network_address(request)
            limits.spend_form("form", source, source=source, at=request.now)
            held = actions.start(key, by=by, at=request.now, language=tongue, facts=form_drafts.facts(request))
        except NotOpen as closed:
            refused, status = str(closed), 409
        except TooManyTries:
            refused, status = _("Too many forms were begun from your network. Wait a quarter of an hour."), 429
        else:
            names = (service, form, str(held.draft.key))
            onward = redirect("portal:form_page", *names, runner.next_page(held.journey))
            if tongue != language():
                onward = redirect(translate_url(onward["Location"], settings.LANGUAGE_CODE))
            form_drafts.keep(onward, str(held.draft.key), held.token)
            return onward
    mine = [one for one in form_drafts.of_account(request, tongue) if f"/{service}/{form}/" in one.href] if by else []
    return page(
        request,
        "form_begin",
        status=status,
        definition=definition,
        name=definition.name.of(tongue),
        description=paragraphs(definition.description, tongue),
        standing=standing.of(tongue) if standing.state == "waiting_list" else "",
        refused=refused,
        sign_in=sign_in,
        mine=mine,
        english_only=tongue != language(),
        here=request.path,
    )


@require_safe
@filling
def carry_on(at: Filling) -> HttpResponseBase:
    """The page one left at."""
    return redirect(at.onward())


@READ_OR_SEND
@filling
def answer(at: Filling, page_id: str) -> HttpResponseBase:
    """One page: its questions, and what is wrong with what was answered."""
    posted = at.visit.request.method == "POST"
    try:
        if posted and not _may_look_up(at):
            return _shown(at, page_id, sent=at.visit.request.POST, problems=[Problem("", _too_many())], status=429)
        at = at.now(actions.looked_up(at.held, page_id))
        return _answered(at, page_id) if posted else _shown(at, page_id)
    except NotOnTheWay:
        return redirect(at.onward())
    except NoDraft:  # it was sent in another tab at this moment
        return at.visit.gone()


def _may_look_up(at: Filling) -> bool:
    """Whether answers by which other systems are asked may be changed once more: of one draft so often at most."""
    request = at.visit.request
    if at.visit.assisted or not any(question.lookup for question in at.definition.questions.values()):
        return True
    try:
        limits.spend_form("form look-up", at.visit.draft, source=network_address(request), at=request.now)
    except TooManyTries:
        return False
    return True


def _answered(at: Filling, page_id: str) -> HttpResponseBase:
    """Keep what was sent and go on; or the page again: with what is wrong, with room for one more, with an address found."""
    request, visit = at.visit.request, at.visit
    asked = runner.asked(at.held.journey, page_id)
    if request.POST.get("address_step"):
        try:
            limits.spend_form("form address", visit.draft, source=network_address(request), at=request.now)
        except TooManyTries:
            return _shown(at, page_id, sent=request.POST, problems=[Problem("", _too_many())], status=429)
    step = form_answers.step(asked, request.POST)
    if step.again:
        return _shown(at, page_id, sent=step.sent, looked=step.looked)
    given = form_answers.given(asked, request.POST)
    try:
        refused = _take_files(at, asked, given)
    except TooManyTries as stopped:
        refused = [Problem(str(stopped.args[0]), _too_many(), "files")]
    saved = actions.save_page(
        visit.draft, page_id, given, token=visit.token, by=visit.by, at=request.now, language=at.language
    )
    then = at.now(saved.held)
    if saved.problems and request.POST.get("save") == "later" and not refused:
        return redirect(reverse("portal:form_save", args=at.names) + "?unfinished=1")
    if refused or saved.problems:
        accused = {one.question for one in refused}
        rest = [one for one in saved.problems if one.question not in accused]
        return _shown(then, page_id, sent=request.POST, problems=[*refused, *rest], given=given)
    if request.POST.get("save") == "later":
        return redirect("portal:form_save", *at.names)
    if request.GET.get("change"):
        return redirect(then.address(runner.next_page(saved.held.journey), change=True))
    return redirect(then.address(runner.next_page(saved.held.journey, page_id)))


def _too_many() -> str:
    return _("There were too many tries. Wait a quarter of an hour before you try again.")


def _take_files(at: Filling, asked: tuple[Asked, ...], given: dict[str, Any]) -> list[Problem]:
    """Take in the files of a page; what is wrong with one is said beside its question. Raises TooManyTries."""
    request, visit, refused = at.visit.request, at.visit, []
    for one in asked:
        files = request.FILES.getlist(f"{one.question.id}__files") if one.question.type == "upload" else []
        if files and not visit.assisted:
            try:
                limits.spend_form("form files", visit.draft, source=network_address(request), at=request.now)
            except TooManyTries as stopped:
                stopped.args = (one.question.id,)
                raise
        for file in files[:MOST_FILES]:
            try:
                kept = actions.add_upload(
                    visit.draft,
                    one.question.id,
                    name=str(file.name),
                    content=file.read(),
                    token=visit.token,
                    by=visit.by,
                    at=request.now,
                )
            except documents.Refused as problem:
                refused.append(Problem(one.question.id, str(problem), "files"))
            else:
                before = given.get(one.question.id)
                given[one.question.id] = [*(before if isinstance(before, list) else []), str(kept.pk)]
    return refused


def _shown(
    at: Filling,
    page_id: str,
    *,
    sent: QueryDict | None = None,
    problems: Any = (),
    given: dict[str, Any] | None = None,
    looked: address_finder.Looking | None = None,
    status: int = 422,
) -> HttpResponseBase:
    """A page as it stands, or as it was sent."""
    held, journey = at.held, at.held.journey
    asked = runner.asked(journey, page_id)
    found = journey.plan.form.page(page_id)
    uploads = Upload.objects.filter(draft=held.draft).select_related("document")
    with_files = any(one.question.type == "upload" for one in asked)
    made = form_fields.page(
        asked,
        language=at.language,
        labels=journey.setting.labels,
        files={str(one.pk): one.document.name for one in uploads} if with_files else {},
        sent=sent,
        given=given or {},
        finder=(looked or form_answers.finding(asked)).finder,
    )
    made.accuse(problems)
    changing = "change" in at.visit.request.GET and runner.ready(journey)
    before = runner.CHECK if changing else runner.back(journey, page_id)
    place = any(one.picks for one in made.shown)
    answer = page(
        at.visit.request,
        "form_page",
        status=status if problems else 200,
        form=made.form,
        shown=made.shown,
        title=found.title.of(at.language),
        text=paragraphs(found.text, at.language),
        exit=found.exit,
        back=at.address(before) if before else "",
        failed=bool(problems),
        down=bool(held.down),
        stuck=any(one.lookup and one.lookup.does == "options" and not one.optional for one in held.down),
        told=held.moved.told if held.moved else (),
        ground=maps.ground(wards=reverse("portal:wards")) if place else None,
        **at.around(),
    )
    return maps.allow(answer) if place else answer


@anybody
@require_safe
def wards(_request: CitizenRequest) -> JsonResponse:
    """The wards, which a map to choose a point on is drawn with: they are public."""
    response = JsonResponse(maps.wards())
    response["Cache-Control"] = "public, max-age=3600"
    return response


_START = "services/<slug:service>/<slug:form>/"
_DRAFT = f"{_START}<uuid:draft>/"
urlpatterns = [
    path("services/wards.json", wards, name="wards"),
    path(_START, begin, name="form"),
    path(_DRAFT, carry_on, name="form_carry_on"),
    path(f"{_DRAFT}page/<str:page_id>/", answer, name="form_page"),
]
