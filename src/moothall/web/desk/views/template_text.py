"""A template's text in one language: written, tried out, published; and the text of the service's file (CT-60)."""

from typing import Any

from django.contrib import messages as told
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import letters
from moothall.domain.catalogue.letters import LANGUAGES, Letter
from moothall.domain.messages import sanitise, templates
from moothall.domain.messages.language import TemplateFault
from moothall.domain.messages.models import Message, TemplateVersion
from moothall.web.common.sent import READ_OR_SEND, sent
from moothall.web.common.whole import whole
from moothall.web.components.parts import Column
from moothall.web.desk import letters as looks
from moothall.web.desk import template_preview, templates_shown
from moothall.web.desk.access import needs
from moothall.web.desk.forms.templates import CASE, ORGANISATION, TemplateText
from moothall.web.desk.request import DeskRequest
from moothall.web.desk.template_compared import compared


@needs(Permission.EDIT_TEMPLATES)
@READ_OR_SEND
def text(request: DeskRequest, key: str, language: str) -> HttpResponse:
    """Write a template's text in one language, see how it will look, publish it."""
    letter = templates_shown.found(request, key)
    spoken = _language(language)
    newest = templates.newest_of(letter.template, spoken)
    form = TemplateText(letter, spoken, sent(request), initial=_begun(letter, newest))
    step, meanwhile = request.POST.get("step", ""), None
    if step == "live":
        return _live(request, letter, form)
    if form.is_bound and form.is_valid():
        if step in ("email", "letter"):
            message = _message(request, letter, form)
            if message:
                return looks.seen(request, message, as_letter=step == "letter")
        else:
            meanwhile = _publish(request, letter, form)
            if not meanwhile and not form.errors:
                return redirect("desk:template", key)
    if meanwhile:
        data = request.POST.copy()
        data["on"] = str(meanwhile.newest.number)  # published once more it takes the place of theirs
        form = TemplateText(letter, spoken, data)
        form.is_valid()
    return _page(request, letter, form, newest, meanwhile)


@needs(Permission.EDIT_TEMPLATES)
@READ_OR_SEND
def file(request: DeskRequest, key: str, language: str) -> HttpResponse:
    """What the service's file says beside the text in force; to take it makes it a new version."""
    letter = templates_shown.found(request, key)
    spoken = _language(language)
    newest, said = templates.newest_of(letter.template, spoken), letter.files.get(spoken)
    if newest is None or said is None:
        raise Http404
    problem = ""
    if request.method == "POST":
        on = whole(request.POST.get("on", "")) or 0
        try:
            letters.change(letter, said, on=on, by=request.user, at=request.now)
        except (letters.Faulty, templates.ChangedMeanwhile) as refused:
            problem = str(refused)
        else:
            told.success(request, _("The text of the service’s file is in force."))
            return redirect("desk:template", key)
    page = {
        "letter": letter,
        "newest": newest,
        "language": language,
        "language_name": templates_shown.language_name(language),
        "compared": compared(templates.says(newest), said),
        "problem": problem,
        "failed": bool(problem),
    }
    return TemplateResponse(request, "desk/templates/file.html", page, status=409 if problem else 200)


def _publish(request: DeskRequest, letter: Letter, form: TemplateText) -> templates.ChangedMeanwhile | None:
    """Publish what was written, or put what is wrong beside its field; or say who was first."""
    given = form.text()
    english = templates.newest_of(letter.template, "en") if given.language != "en" else None
    if english and english.body == given.body:
        form.add_error("html", _("This is still the English text. Write it in Welsh."))
        return None
    try:
        made = letters.change(letter, given, on=form.cleaned_data["on"], by=request.user, at=request.now)
    except letters.Faulty as faulty:
        form.tell(faulty.faults)
    except templates.ChangedMeanwhile as meanwhile:
        return meanwhile
    else:
        told.success(request, _("Version %s is in force. Messages written before stay as they are.") % made.number)
    return None


def _message(request: DeskRequest, letter: Letter, form: TemplateText) -> Message | None:
    """What was written as the message it would make; None, and what is wrong beside its field, when it makes none."""
    given, chosen = form.text(), form.cleaned_data
    if faults := letter.faults(given):
        form.tell(faults)
        return None
    of_case = chosen["example"] == CASE
    if of_case and not chosen["case"]:
        form.add_error("case", _("Enter the reference of a case, like %s.") % f"{letter.service.prefix}-7K3M-Q2R8")
        return None
    try:
        return template_preview.message(
            request,
            letter,
            given,
            case=chosen["case"].strip() if of_case else "",
            organisation=chosen["example"] == ORGANISATION,
        )
    except template_preview.NotThere as nowhere:
        form.add_error("case", str(nowhere))
    except (TemplateFault, sanitise.TooLong) as fault:
        form.add_error("html", str(fault))
    return None


def _live(request: DeskRequest, letter: Letter, form: TemplateText) -> HttpResponse:
    message = _message(request, letter, form) if form.is_valid() else None
    as_letter = bool(message) and form.cleaned_data["channels"] == [Message.Channel.LETTER]
    sentences = [str(error) for field in form.errors for error in form.errors[field]]
    return looks.live(request, message, as_letter=as_letter, otherwise=sentences)


def _page(
    request: DeskRequest,
    letter: Letter,
    form: TemplateText,
    newest: TemplateVersion | None,
    meanwhile: templates.ChangedMeanwhile | None,
) -> HttpResponse:
    failed = form.is_bound
    page: dict[str, Any] = {
        "letter": letter,
        "form": form,
        "newest": newest,
        "language": form.language,
        "language_name": templates_shown.language_name(form.language),
        "placeholders": templates_shown.placeholders(
            letter, templates_shown.examples(letter, form.language, at=request.now)
        ),
        "placeholder_columns": [Column(_("Write")), Column(_("What stands there")), Column(_("For example"))],
        "meanwhile": str(meanwhile) if meanwhile else "",
        "compared": (compared(templates.says(meanwhile.newest), form.text()) if meanwhile and not form.errors else []),
        "failed": failed,
    }
    status = 409 if meanwhile else 422 if failed else 200
    return looks.framing(TemplateResponse(request, "desk/templates/text.html", page, status=status))


def _begun(letter: Letter, newest: TemplateVersion | None) -> dict[str, object]:
    """What one begins from: the text in force; where there is none in this language, the English one."""
    begun = newest or templates.newest_of(letter.template, "en")
    if begun is None:
        return {"on": 0, "channels": list(Message.Channel.values)}
    return {
        "name": begun.name,
        "subject": begun.subject,
        "channels": begun.channels,
        "html": begun.body,
        "on": newest.number if newest else 0,
        "example": "person",
    }


def _language(given: str) -> templates.Language:
    for language in LANGUAGES:
        if language == given:
            return language
    raise Http404


urlpatterns = [
    path("templates/<str:key>/<slug:language>/", text, name="template_text"),
    path("templates/<str:key>/<slug:language>/file/", file, name="template_file"),
]
