"""When something of a form is asked, said in plain English in the form studio: a question, a comparison, a value; or in CEL."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.permissions import Permission
from moothall.domain.forms.definition import Form as Definition
from moothall.domain.forms.studio import conditions, edits
from moothall.domain.forms.studio.conditions import ANSWERED, COMPARISONS, WITHOUT_VALUE, Comparison, Simple, Subject
from moothall.domain.forms.studio.edits import Path
from moothall.web.common.sent import READ_OR_SEND
from moothall.web.components.forms import DayField, Form
from moothall.web.desk.access import needs
from moothall.web.desk.form_studio import Studio, studio
from moothall.web.desk.forms.form_studio import bilingual, cel, line
from moothall.web.desk.request import DeskRequest


class Compare(Form):
    """A comparison of one subject, with a value that suits it."""

    how = forms.ChoiceField(label=gettext_lazy("Comparison"), widget=forms.RadioSelect)

    def __init__(self, data: QueryDict | None, subject: Subject, *, telling: bool | None = None) -> None:
        """`telling`: of a new rule, what is said where it does not hold is asked too, with True in Welsh as well."""
        super().__init__(data)
        self.subject = subject
        unknown = subject.shape == "choice" and not subject.keys
        hows = dict(COMPARISONS["text" if unknown else subject.shape])
        if subject.path.startswith(("answers.", "item.")):
            hows |= ANSWERED
        field = self.fields["how"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(hows.items())
        field.initial = next(iter(hows))
        if subject.shape != "other":
            self.fields["value"] = self._value_field(subject)
        if telling is not None:
            self.fields["message"] = line(_("What is said where it does not hold"), required=True)
        if telling:
            self.fields["message_cy"] = line(_("What is said where it does not hold, in Welsh"))

    def _value_field(self, subject: Subject) -> forms.Field:
        label = _("Value")
        if subject.keys:
            many = subject.shape in ("choice", "choices")
            kind = forms.MultipleChoiceField if many else forms.ChoiceField
            widget = forms.CheckboxSelectMultiple if many else forms.RadioSelect
            return kind(label=label, choices=list(subject.keys), widget=widget, required=False)
        if subject.shape == "date":
            return DayField(label=label, required=False)
        if subject.shape in ("number", "money"):
            hint = _("In pounds.") if subject.shape == "money" else ""
            return forms.DecimalField(label=label, help_text=hint, required=False, max_digits=12, decimal_places=2)
        return forms.CharField(label=label, required=False, max_length=100)

    def clean(self) -> dict[str, Any]:
        """A value, where the comparison needs one."""
        given = super().clean() or {}
        how, value = given.get("how"), given.get("value")
        if how and how not in WITHOUT_VALUE and "value" not in self.errors:
            if value in (None, "", []):
                self.add_error("value", _("Say what it is compared with."))
            elif isinstance(value, list) and len(value) > 1 and how != "one_of":
                self.add_error("value", _("Choose one value, or the comparison “is one of”."))
        return given

    def message(self) -> Any:
        """What is said where a new rule does not hold; nothing where it is none."""
        given = self.cleaned_data
        return bilingual(given.get("message", ""), given.get("message_cy", ""))

    def comparison(self) -> Comparison:
        """What was chosen."""
        how, value = self.cleaned_data["how"], self.cleaned_data.get("value")
        if how in WITHOUT_VALUE:
            return Comparison(self.subject.path, how)
        return Comparison(self.subject.path, how, self._kept(how, value))

    def _kept(self, how: str, value: Any) -> conditions.Value:
        if how == "one_of":
            return tuple(value)
        if isinstance(value, list):
            return str(value[0])
        if self.subject.shape == "yes_no":
            return bool(value == "yes")
        if isinstance(value, Decimal):
            value = value * 100 if self.subject.shape == "money" else value
            return Decimal(int(value)) if value == value.to_integral_value() else value
        return value.isoformat() if self.subject.shape == "date" else str(value)


class Written(Form):
    """The condition as CEL."""

    condition = cel(gettext_lazy("Condition (CEL)"))


@needs(Permission.EDIT_FORMS)
@READ_OR_SEND
def condition(request: DeskRequest, sketch_id: int, where: str) -> HttpResponseBase:
    """When a page, a question or a block is asked, a fee is due, a form goes somewhere; or the rule of an answer."""
    at, place = studio(request, sketch_id), _place(where)
    now, subjects, of = _now(at, place), at.subjects(place[:-1]), _of(place)
    rule = place[-1] == "rule"
    every = {one.path: one for one in at.every} | {one.path: one for one in subjects}
    simple = conditions.read(now) if now else Simple(())
    if simple and any(one.path not in every for one in simple.comparisons):
        simple = None
    about = next((one for one in subjects if one.path == request.GET.get("about")), None)
    step = request.POST.get("step", "")
    new = at.welsh if rule and not now else None
    compare = Compare(request.POST if step == "add" else None, about, telling=new) if about else None
    written = Written(request.POST if step == "text" else None, initial={"condition": now})
    problem = ""
    if request.method == "POST":
        asked = _asked(step, simple, compare, written, request.POST)
        if asked is not None:
            problem = _keep(at, place, asked, compare.message() if compare and step == "add" else None)
            if not problem:
                gone = rule and not asked
                there = ("studio_part", edits.written(of)) if gone else ("studio_condition", where)
                return redirect(f"desk:{there[0]}", sketch_id, there[1])
    page = {
        **at.page("studio_form" if place[0] == "pages" else "studio_rest"),
        "where": where,
        "title": at.called(of),
        "rule": rule,
        "telling": new is not None,
        "said": at.said(now, place[:-1]),
        "now": now,
        "by_hand": bool(now) and simple is None,
        "joined": simple.joined if simple else "all",
        "lines": [conditions.sentence(one, every[one.path]) for one in simple.comparisons] if simple else [],
        "subjects": subjects,
        "about": about,
        "compare": compare,
        "written": written,
        "faults": [one.sentence for one in at.faults if one.where == of and (rule or one.field.endswith("when"))],
        "problem": problem,
        "back": reverse("desk:studio_part", args=[sketch_id, edits.written(of)]),
        "failed": bool(problem or written.errors or (compare and compare.errors)),
    }
    return TemplateResponse(request, "desk/studio/condition.html", page, status=422 if page["failed"] else 200)


def _place(where: str) -> Path:
    try:
        return edits.path(where)
    except edits.Refused:
        raise Http404 from None


def _of(place: Path) -> Path:
    """What a condition, or a rule, is of."""
    return place[:-3] if place[-1] == "rule" else place[:-1]


def _now(at: Studio, place: Path) -> str:
    """The condition, or rule, as it is now; nothing where there is none yet. Raises Http404."""
    of = edits.part(at.form, _of(place))
    if not isinstance(of, dict) or place[0] not in ("pages", "fee", "destinations"):
        raise Http404
    if place[-1] == "when":
        return str(of.get("when") or "")
    checks, number = of.get("checks", []), place[-2]
    if place[-1] != "rule" or place[-3] != "checks" or "type" not in of or not isinstance(number, int):
        raise Http404
    if number > len(checks):
        raise Http404
    return str(checks[number]["rule"]) if number < len(checks) else ""


def _asked(step: str, simple: Simple | None, compare: Compare | None, written: Written, sent: QueryDict) -> str | None:
    """The condition that a button asks for, empty for none; None where something is wrong with what was typed."""
    if step == "always":
        return ""
    if step == "text":
        return str(written.cleaned_data["condition"]) if written.is_valid() else None
    if step == "add" and compare is not None and simple is not None:
        if not compare.is_valid():
            return None
        return conditions.write(Simple((*simple.comparisons, compare.comparison()), simple.joined))
    if simple is None:
        return None
    if step in ("all", "any"):
        return conditions.write(Simple(simple.comparisons, "all" if step == "all" else "any"))
    if step == "out":
        left = [one for number, one in enumerate(simple.comparisons) if str(number) != sent.get("number")]
        return conditions.write(Simple(tuple(left), simple.joined))
    return None


def _keep(at: Studio, place: Path, asked: str, message: Any) -> str:
    """Keep the condition, or the rule; a sentence why not, or nothing."""
    name = at.called(_of(place))
    if place[-1] == "rule":
        said = _("Changed a rule of “%s”.") % name
    else:
        said = _("Changed when: “%s”.") % name if asked else _("Always: “%s”.") % name

    def edit(now: Definition) -> Definition:
        if place[-1] == "when":
            return edits.change(now, place[:-1], {"when": asked or None})
        if not asked:
            return edits.remove(now, place[:-1])
        if message:
            return edits.add(now, place[:-2], {"rule": asked, "message": message})
        return edits.change(now, place[:-1], {"rule": asked})

    try:
        problem = at.keep(edit, said)
    except edits.Refused as refused:
        return str(refused)
    if not problem:
        messages.success(at.request, said)
    return problem


urlpatterns = [
    path("studio/<int:sketch_id>/condition/<str:where>/", condition, name="studio_condition"),
]
