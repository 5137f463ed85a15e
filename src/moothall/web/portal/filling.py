"""A draft at its address: opened for whoever may open it, in the language of the page, with the addresses of its pages."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import reverse, translate_url
from django.utils.http import urlencode
from django.utils.translation import get_language

from moothall.core.council.settings import read
from moothall.domain.citizens.rules import Portal
from moothall.domain.forms import actions, runner
from moothall.domain.forms.actions import Held, NoDraft, Who
from moothall.domain.forms.definition import Form
from moothall.domain.forms.models import Draft, Submission
from moothall.domain.forms.runner import CHECK
from moothall.web.desk import session as desk
from moothall.web.ops.access import who_may_call
from moothall.web.portal import form_drafts, session
from moothall.web.portal.access import CitizenRequest
from moothall.web.portal.pages import page

WHO = "Anybody, while the council's portal is open: a draft is shown to whoever has its secret or its account, and to officers"


@dataclass(frozen=True)
class Visit:
    """Who is at the address of a draft: `by`, with the `token` this browser has; `assisted`: an officer for somebody."""

    request: CitizenRequest
    service: str
    form: str
    draft: str
    by: Who
    token: str | None
    assisted: bool

    def sent(self) -> Submission | None:
        """What became of the draft, if it was sent."""
        return actions.submission_of(self.draft, token=self.token, by=self.by)

    def gone(self) -> HttpResponseBase:
        """Sent already, then its confirmation; of an account, then the way to sign in; or kept no longer."""
        if self.sent():
            return redirect("portal:form_done", self.service, self.form, self.draft)
        if self.by is None and Draft.objects.filter(key=self.draft).exclude(account="").exists():
            here = reverse("portal:form_carry_on", args=[self.service, self.form, self.draft])
            late = {"late": "1"} if session.name() in self.request.COOKIES else {}
            return redirect(f"{reverse('portal:sign_in')}?{urlencode({'next': here, **late})}")
        return page(self.request, "form_gone", status=404, assisted=self.assisted)


@dataclass(frozen=True)
class Filling:
    """A draft that was opened. `language` is that of the page, and of the form where it has it."""

    visit: Visit
    held: Held
    language: str

    @property
    def definition(self) -> Form:
        return self.held.journey.plan.form

    @property
    def names(self) -> tuple[str, str, str]:
        """What every address of the draft has."""
        return self.visit.service, self.visit.form, self.visit.draft

    def now(self, held: Held) -> "Filling":
        """The same, a step further."""
        return replace(self, held=held)

    def address(self, page_id: str, *, change: bool = False) -> str:
        """Where a page of the form is; `change`: from which one goes back to looking the answers over."""
        if page_id == CHECK:
            return reverse("portal:form_check", args=self.names)
        return reverse("portal:form_page", args=[*self.names, page_id]) + ("?change=1" if change else "")

    def onward(self) -> str:
        """The first page to be answered."""
        return self.address(runner.next_page(self.held.journey))

    def around(self) -> dict[str, Any]:
        """What every page of a form shows around its own."""
        service, form, draft = self.names
        return {
            "name": self.definition.name.of(self.language),
            "service": service,
            "form_key": form,
            "draft": draft,
            "days": self.definition.keep_days,
            "assisted": self.visit.assisted,
            "customer_id": self.held.draft.customer_id if self.visit.assisted else None,
            "kept_by_account": bool(self.held.draft.account),
        }


Page = Callable[..., HttpResponseBase]


def visiting(view: Page) -> Page:
    """The view gets a `Visit`: whoever comes to the address of a draft."""

    @wraps(view)
    def shown(request: CitizenRequest, service: str, form: str, draft: Any, **named: Any) -> HttpResponseBase:
        key = str(draft)
        request.citizen_session = session.holder(request)
        if request.citizen_session:
            request.account = request.citizen_session.account
        if secret := form_drafts.token(request, key, assisted=True):
            user = form_drafts.officer(request, service)
            if user is None:
                return redirect_to_login(request.path, resolve_url("desk:sign_in"))
            desk.note_use(request, at=request.now)
            return view(Visit(request, service, form, key, user, secret, True), **named)
        if not read(Portal).open:
            raise Http404
        secret, by = form_drafts.token(request, key), form_drafts.citizen(request)
        return view(Visit(request, service, form, key, by, secret, False), **named)

    return who_may_call(WHO)(shown)


def filling(view: Page) -> Page:
    """The view gets a `Filling`: the draft at the address, for whoever may open it."""

    @wraps(view)
    def shown(visit: Visit, **named: Any) -> HttpResponseBase:
        try:
            held = actions.resume(visit.draft, token=visit.token, by=visit.by, at=visit.request.now)
        except NoDraft:
            return visit.gone()
        if held.draft.version.form.key != f"{visit.service}.{visit.form}":
            raise Http404
        tongue = language_of(held.journey.plan.form)
        if tongue != language() and visit.request.method in {"GET", "HEAD"}:
            there = "cy" if tongue == "cy" else settings.LANGUAGE_CODE
            return redirect(translate_url(visit.request.get_full_path(), there))
        return view(Filling(visit, held, tongue), **named)

    return visiting(shown)


def language() -> str:
    """That of the page."""
    return "cy" if get_language() == "cy" else "en"


def language_of(form: Form) -> str:
    """That of the page, where the form has it."""
    return language() if language() in form.languages else "en"


def paragraphs(passage: Any, tongue: str) -> list[str]:
    """The paragraphs of a text; lines of a list stay together."""
    return [part for part in passage.of(tongue).split("\n\n") if part.strip()] if passage else []
