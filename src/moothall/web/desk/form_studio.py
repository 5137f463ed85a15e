"""A form in the form studio as its pages show it: what it says, what is wrong and where, and the way between the pages."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.core.lists.models import Value
from moothall.domain.catalogue import form_studio
from moothall.domain.catalogue.form_studio import Looked, NoSuchSketch
from moothall.domain.catalogue.models import Service
from moothall.domain.forms import blocks, publishing
from moothall.domain.forms.definition import Block, Form, Include, Page, Question
from moothall.domain.forms.models import FormVersion, Sketch, SketchRevision
from moothall.domain.forms.studio import conditions, edits, sketches
from moothall.domain.forms.studio.conditions import Subject
from moothall.domain.forms.studio.edits import Path
from moothall.domain.workflow.definition import Fault
from moothall.web.common.whole import version
from moothall.web.components.parts import Tab
from moothall.web.desk.request import DeskRequest

MOST_VALUES = 2_000
REST = frozenset({"values", "tables", "slots", "fee", "destinations"})
"""The parts of a form that stand beside its pages."""


@dataclass(frozen=True)
class Placed:
    """A fault and where it is put right."""

    sentence: str
    where: Path
    href: str
    at: str  # what stands there, in words
    field: str = ""


@dataclass(frozen=True)
class Studio:
    """A sketch that somebody is at, as it is now."""

    request: DeskRequest
    sketch: Sketch
    revision: SketchRevision
    form: Form
    service: Service

    @property
    def key(self) -> str:
        """The key of the form, with its service's."""
        return f"{self.sketch.service}.{self.sketch.key}"

    @property
    def welsh(self) -> bool:
        """Whether its texts are in Welsh too."""
        return "cy" in self.form.languages

    @cached_property
    def looked(self) -> Looked:
        """The form as it is asked, and its faults."""
        return form_studio.look(self.service, self.form)

    @cached_property
    def whole(self) -> Form:
        """The form as it is asked; without the blocks that nobody knows."""
        if self.looked.whole:
            return self.looked.whole
        known = publishing.standard_blocks()
        pages = tuple(
            blocks.changed(page, questions=tuple(one for one in page.questions if _is_known(one, known)))
            for page in self.form.pages
        )
        return blocks.put_in(blocks.changed(self.form, pages=pages), known, file="")

    @cached_property
    def faults(self) -> list[Placed]:
        """What keeps it from being published, each with its place."""
        return [self._placed(fault) for fault in self.looked.faults]

    @cached_property
    def in_force(self) -> FormVersion | None:
        """The version in force of its form."""
        return form_studio.in_force(self.sketch.service, self.sketch.key)

    def near(self, where: Path) -> list[str]:
        """What is wrong at a place, or within what stands there."""
        return [one.sentence for one in self.faults if one.where[: len(where)] == where]

    def just_at(self, where: Path) -> list[str]:
        """What is wrong at a place, and not within what stands there."""
        return [one.sentence for one in self.faults if one.where == where]

    def _placed(self, fault: Fault) -> Placed:
        where = _page_place(self.form, fault) if fault.stage else _form_place(self.form, fault.field)
        return Placed(fault.sentence, where, self.href(where), self.called(where) or fault.field, fault.field)

    def href(self, where: Path) -> str:
        """The page on which a part is changed."""
        here = [self.sketch.pk]
        if not where:
            return reverse("desk:studio_about", args=here)
        if len(where) == 1 and where[0] != "fee":
            return reverse("desk:studio_rest", args=here)
        return reverse("desk:studio_part", args=[*here, edits.written(where)])

    def called(self, where: Path) -> str:
        """What stands at a place, in words."""
        part = edits.part(self.form, where) if where else {"name": self.form.name.en}
        if not isinstance(part, dict):
            return str({"fee": _("Fee"), "destinations": _("Where it goes")}.get(str(where[0]), "")) if where else ""
        text = part.get("title") or part.get("label") or part.get("name")
        if text and where[:1] != ("destinations",):
            return str(text["en"] if isinstance(text, dict) else text)
        if "block" in part:
            return str(_("Standard block “%s”") % self.block_name(part["block"]))
        if "to" in part:
            words = {
                "case": _("A new case"),
                "email": _("A mailbox"),
                "webhook": _("Another system"),
                "file": _("A folder"),
            }
            name = part.get("type") or part.get("name")
            return f"{words[part['to']]}: {name}" if name else str(words[part["to"]])
        return str(part.get("id") or part.get("key") or _("Fee"))

    def block_name(self, key: str) -> str:
        """What a standard block is called."""
        block = self.blocks.get(key)
        return block.name.en if block else key

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """The standard blocks there are."""
        return publishing.standard_blocks()

    def subjects(self, where: Path) -> list[Subject]:
        """What a condition at a place may look at: what is asked before it, and inside a group the group.

        What comes from a list of the service has its values as they are now.
        """
        found = self._subjects(where)
        lists = {f"answers.{id}": one.list for id, one in self.whole.questions.items() if one.list}
        wanted = {f"{self.sketch.service}.{lists[one.path]}" for one in found if one.path in lists}
        labels: dict[str, list[tuple[str, str]]] = {}
        rows = Value.objects.filter(list__key__in=sorted(wanted), retired_on=None).order_by("order", "pk")
        for full, key, label in rows.values_list("list__key", "key", "label")[:MOST_VALUES] if wanted else ():
            labels.setdefault(full.partition(".")[2], []).append((key, label))
        return [replace(one, keys=labels.get(lists.get(one.path) or "", one.keys)) for one in found]

    def _subjects(self, where: Path) -> list[Subject]:
        if where[:1] != ("pages",):
            return self.every
        page, question = int(where[1]), int(where[3]) if len(where) > 3 and where[2] == "questions" else None
        if "checks" in where and question is not None:
            question += 1
        if len(where) > 5 and where[4] == "questions":
            group = self.form.pages[page].questions[int(where[3])]
            return conditions.subjects(self.form, group=group) if isinstance(group, Question) else []
        asked = {one.id for earlier in self.whole.pages[:page] for one in earlier.asks}
        asked |= {one.id for one in self._before(page, question)}
        return [one for one in self.every if not one.path.startswith("answers.") or one.path.split(".")[1] in asked]

    def _before(self, page: int, question: int | None) -> Sequence[Question]:
        if question is None:
            return ()
        here = self.form.pages[page]
        some = tuple(one for one in here.questions[:question] if _is_known(one, self.blocks))
        cut = blocks.changed(self.form, pages=(blocks.changed(here, questions=some),))
        return blocks.put_in(cut, self.blocks, file="").pages[0].asks

    @cached_property
    def every(self) -> list[Subject]:
        """What the conditions of the form as a whole may look at."""
        return conditions.subjects(self.whole)

    def said(self, condition: str | None, where: Path) -> str:
        """A condition in plain English, or as CEL where it is more than that."""
        if not condition:
            return ""
        every = self.every
        if len(where) > 5 and where[2] == "questions":
            every = self.subjects(where)
        return conditions.say(condition, every) or condition

    def keep(self, edit: Callable[[Form], Form], said: str) -> str:
        """Keep the form as an edit of it leaves it; a sentence why not, or nothing. Raises edits.Refused."""
        on = version(self.request.POST.get("on", ""))
        try:
            # Where somebody was first, the form is left alone, and of them is told.
            form = edit(self.form) if on == self.revision.number else self.form
            sketches.change(self.sketch, form, on=on, said=said, by=self.request.user, at=self.request.now)
        except sketches.ChangedMeanwhile as meanwhile:
            return str(meanwhile)
        return ""

    def page(self, tab: str) -> dict[str, object]:
        """What every page of it shows around its own."""
        return {
            "studio": self,
            "sketch": self.sketch,
            "form_name": self.form.name.en,
            "on": self.revision.number,
            "fault_count": len(self.faults),
            "tabs": self._tabs(tab),
            "may_publish": self.request.user.may(Permission.PUBLISH_FORMS, self.sketch.service),
        }

    def _tabs(self, tab: str) -> list[Tab]:
        names = [
            ("studio_form", _("Questions")),
            ("studio_rest", _("Fee, tables, where it goes")),
            ("studio_about", _("Name and dates")),
            ("studio_flow", _("Flow")),
            ("studio_preview", _("Preview")),
            ("studio_test", _("Test")),
            ("studio_history", _("Changes")),
            ("studio_publish", _("Publish")),
        ]
        return [Tab(text, reverse(f"desk:{name}", args=[self.sketch.pk]), active=name == tab) for name, text in names]


def studio(request: DeskRequest, sketch_id: int) -> Studio:
    """The sketch at an address, for who may write forms of its service. Raises Http404."""
    try:
        sketch = form_studio.find(sketch_id, by=request.user)
    except NoSuchSketch:
        raise Http404 from None
    revision = sketches.newest(sketch)
    return Studio(request, sketch, revision, sketches.form_of(revision), form_studio.service_of(sketch))


def _is_known(one: Question | Include, known: dict[str, Block]) -> bool:
    return isinstance(one, Question) or one.block in known


def _page_place(form: Form, fault: Fault) -> Path:
    """The place of a fault on a page: the page, a question of it, or one inside a group."""
    place = next((n for n, page in enumerate(form.pages) if page.id == fault.stage), None)
    if place is None:
        return ()
    found: Path = ("pages", place)
    parts = fault.field.split(".")
    if parts[0] != "questions" or len(parts) < 2:
        return found
    number = _question_place(form.pages[place], parts[1])
    if number is None:
        return found
    found = (*found, "questions", number)
    group = form.pages[place].questions[number]
    if len(parts) > 3 and parts[2] == "questions" and isinstance(group, Question):
        inner = next((n for n, one in enumerate(group.questions) if one.id == parts[3]), None)
        return found if inner is None else (*found, "questions", inner)
    return found


def _question_place(page: Page, id: str) -> int | None:
    for number, one in enumerate(page.questions):
        if isinstance(one, Question) and one.id == id:
            return number
    known = publishing.standard_blocks()
    for number, one in enumerate(page.questions):
        if isinstance(one, Include) and (block := known.get(one.block)):
            start = f"{one.as_}_" if one.as_ else ""
            if any(f"{start}{question.id}" == id for question in block.questions):
                return number
    return None


def _form_place(form: Form, field: str) -> Path:
    """The place of a fault that is on no page."""
    first, _dot, rest = field.partition(".")
    if first not in REST:
        return ()
    if first == "fee":
        return ("fee",)
    name = rest.split(".")[0]
    if first == "destinations" and name.startswith("number "):
        return (first, int(name.removeprefix("number ")) - 1)
    many = {"values": [one.id for one in form.values], "tables": [one.key for one in form.tables]}.get(first, [])
    return (first, many.index(name)) if name in many else (first,)
