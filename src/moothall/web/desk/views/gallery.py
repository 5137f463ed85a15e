"""Every component with its states, for those who make pages and for the checks that look at them."""

from datetime import UTC, date, datetime

from django import forms
from django.http import HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_safe

from moothall.domain.citizens.models import OnlineMessage
from moothall.web.common import maps
from moothall.web.common.address_finder import Finder
from moothall.web.common.addresses import address
from moothall.web.components.forms import DayField, Form, MoneyField, Text
from moothall.web.components.parts import (
    Chosen,
    ChosenGroup,
    Column,
    Link,
    Moment,
    Pages,
    Pin,
    Row,
    Step,
    Tab,
    Target,
    numbered,
    sorting,
)
from moothall.web.components.widgets import Files
from moothall.web.desk.access import signed_in
from moothall.web.desk.request import DeskRequest

CHOICES = [("walking", "Cannot walk far"), ("arms", "Disability in both arms"), ("other", "Something else")]
COLOURS = ["grey", "green", "teal", "blue", "purple", "magenta", "red", "orange", "yellow"]
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


class Example(Form):
    """One question of each kind."""

    name = forms.CharField(label="Full name", help_text="As on the application.")
    number = forms.IntegerField(label="Number of badges", widget=forms.TextInput({"inputmode": "numeric"}))
    amount = MoneyField(label="Amount", help_text="For example, 10.00.")
    born = DayField(label="Date of birth", help_text="For example, 27 3 1958.")
    reason = forms.ChoiceField(label="Reason", choices=[("", "Choose one"), *CHOICES])
    kind = forms.ChoiceField(label="How they qualify", choices=CHOICES, widget=forms.RadioSelect)
    proofs = forms.MultipleChoiceField(label="What was seen", choices=CHOICES, widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="The applicant has agreed", help_text="By phone is enough.")
    note = Text(label="Note", max_length=500, widget=forms.Textarea({"rows": 4}))
    password = forms.CharField(label="Password", widget=forms.PasswordInput({"autocomplete": "off"}))
    documents = forms.FileField(label="Documents", help_text="PDF or pictures.", widget=Files)


@signed_in
@require_safe
def gallery(request: DeskRequest) -> HttpResponse:
    """The gallery."""
    given = {"name": "Alma Madeup", "born": date(1958, 3, 27), "amount": 1050, "kind": "arms", "proofs": ["walking"]}
    wrong = QueryDict("wrong-born_0=31&wrong-born_1=2&wrong-born_2=2026&wrong-amount=ten")
    page = {
        "forms": [
            ("Empty", Example(prefix="empty")),
            ("Filled in", Example(prefix="filled", initial=given)),
            ("With errors", Example(wrong, prefix="wrong")),
        ],
        "colours": COLOURS,
        "targets": _targets(),
        "pages": [
            ("First of 12 pages", numbered(page=1, last=12, query=QueryDict("sort=name"))),
            ("Page 6 of 12", numbered(page=6, last=12, query=QueryDict("sort=name"))),
            ("Without numbers", Pages(previous="?before=1", next="?after=2", summary="Showing 51 to 100 of many")),
        ],
        "finders": [
            ("Empty", Finder()),
            ("Found", Finder("zz1 0ab", [("10012345678", "1 EXAMPLE STREET, EXAMPLETON, ZZ1 0AB")], searched=True)),
            ("Not found", Finder("nowhere", searched=True)),
            ("Chosen", Finder(chosen="1 EXAMPLE STREET, EXAMPLETON, ZZ1 0AB")),
        ],
        "ground": maps.ground(wards=address("desk:map_wards")),
        "pins": [
            Pin("BB-4KX2-9TFC", 51.5, -0.12, "#case", "Blue Badge, 1 Example Street, Exampleton", "case"),
            Pin("2 EXAMPLE STREET, EXAMPLETON, ZZ1 0AB", 51.5004, -0.121, "#place"),
            Pin("A point that was chosen", 51.501, -0.119, kind="here"),
        ],
        "no_rows": [],
        "written": [
            OnlineMessage(text="When will it come?\n\nI go away on Friday.", at=NOON),
            OnlineMessage(text="It was posted today.", at=NOON, by=request.user, seen_at=NOON),
        ],
        **_lists(request),
    }
    return maps.allow(TemplateResponse(request, "desk/gallery.html", page))


def _targets() -> list[Target | None]:
    return [
        Target("blue", 0.1, "9 working days left", due=NOON),
        Target("amber", 0.6, "4 days left", due=NOON),
        Target("red", 0.85, "1 day left", due=NOON),
        Target("late", 1.3, "3 working days over", due=NOON),
        Target("blue", 0.4, "6 days left", due=NOON, paused=True),
        None,
    ]


def _lists(request: DeskRequest) -> dict[str, object]:
    """What components with several entries are given."""
    by_name = sorting("Customer", "name", query=request.GET, sort="name")
    by_day = sorting("Opened", "opened", query=request.GET, sort="name")
    return {
        "tabs": [Tab("Summary", "#1", active=True), Tab("Documents", "#2", count=3), Tab("Notes", "#3", count=0)],
        "rows": [
            Row("Name", "Alma Madeup", [Link("Change", "#change")]),
            Row("Address", "1 Example Street, Exampleton, EX1 1AA"),
        ],
        "columns": [Column("Select", hidden=True), by_name, by_day, Column("Amount", numeric=True)],
        "chosen": [ChosenGroup("Stage", [Chosen("Initial checks", "#1"), Chosen("Payment", "#2")])],
        "moments": [
            Moment("Application received", NOON, by="Moothall"),
            Moment(
                "Note added",
                NOON,
                by="Olive Officer",
                text="Asked for a photograph.\nThe neighbour will help.",
                tag="Note",
                links=[Link("photograph.png", "#document")],
            ),
        ],
        "steps": [Step("Received", done=True), Step("Checked", now=True), Step("Decided")],
        "links": [Link("Cases", "#cases"), Link("BB-4KX2-9TFC", "#case")],
    }


urlpatterns = [path("components/", gallery, name="gallery")]
