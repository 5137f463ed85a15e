"""One outcome of one work item, as far as somebody got with choosing it: the questions asked now, and what is wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from moothall.domain.cases import offering, rehearsal, sight
from moothall.domain.cases.models import WorkItem
from moothall.domain.documents.models import Document
from moothall.domain.workflow import answering
from moothall.domain.workflow.answering import Asked
from moothall.domain.workflow.definition import Outcome, Question
from moothall.domain.workflow.machine import Choice
from moothall.web.components.templatetags.components import day
from moothall.web.desk import picturing
from moothall.web.desk.forms.outcome import OutcomeForm, Pairs, name_of, recipients_chosen, with_defaults
from moothall.web.desk.request import DeskRequest

MOST_DOCUMENTS = 100


@dataclass
class Choosing:
    """One outcome of one work item, as far as somebody got with it."""

    request: DeskRequest
    item: WorkItem
    outcome: Outcome
    page: dict[str, Any]
    data: QueryDict | None
    version: int
    form: OutcomeForm = field(init=False)
    new: list[str] = field(default_factory=list)  # questions that follow from the answers, not shown before
    followed: list[str] = field(default_factory=list)  # answers left as they started out, that others now change

    def __post_init__(self) -> None:
        self._lists = offering.values(self.item.case.service.key, self.outcome.questions)
        self._documents = _documents(self.request, self.item, self.outcome.questions)
        if self.data is None:
            self.form = self._form(self._standing({}), None, self._led())
            return
        if framed := picturing.question(self.outcome):
            self.data = picturing.settled(framed, self.data)
        seen = self.data.get("shown", "").split()
        first = self._made([one for one in self.outcome.questions if one.id in seen], {}, self.data)
        first.is_valid()
        self._follow(first.answers())
        if self.followed:
            first = self._made(list(first.questions), {}, self.data)
            first.is_valid()
        standing = self._standing(first.answers())
        self.new = [one.id for one in self._applying(standing) if one.id not in seen]
        unseen = [question for question in self.outcome.questions if question.id in self.new]
        defaults = {id: asked.default for id, asked in standing.items()}
        self.form = self._form(standing, with_defaults(self.data, unseen, defaults))
        self.form.is_valid()

    def _follow(self, given: dict[str, object]) -> None:
        """Work out anew, once, what was left as it started out though an answer it starts out from was changed."""
        assert self.data is not None
        settled = self.data.get("followed", "").split()
        depending = [
            one
            for one in self.outcome.questions
            if one.id in given and one.id not in settled and "answers." in (answering.formula(one) or "")
        ]
        before = self._standing({}) if depending else {}
        for one in depending:
            was = before[one.id].default
            if was is None or str(given[one.id]) != str(was):
                continue
            now = self._standing({id: value for id, value in given.items() if id != one.id})[one.id].default
            if now not in (None, was):
                self.data = with_defaults(self.data, [one], {one.id: now})
                self.followed.append(one.id)

    @property
    def settled(self) -> str:
        """The ids of the questions whose answers were worked out anew, now or before."""
        before = self.data.get("followed", "").split() if self.data else []
        return " ".join(dict.fromkeys([*before, *self.followed]))

    @property
    def choice(self) -> Choice:
        """What was chosen, as the engine takes it."""
        return Choice(outcome=self.outcome.id, answers=self.form.answers(), note=self.form.note())

    @property
    def framing(self) -> picturing.Framing | None:
        """The part of a photograph it asks for."""
        asked = picturing.question(self.outcome)
        return picturing.shown(self.request, self.item.case, asked, self.form) if asked else None

    def judge(self) -> bool:
        """Whether nothing stands in the way; what does is put beside its question."""
        found = offering.problems(self.item, self.choice, by=self.request.user, at=self.request.now)
        self.form.tell(found, but=self.new)
        self._look_at_the_part()
        return self.form.is_valid() and not self.new and not self.followed

    def _look_at_the_part(self) -> None:
        """A part of a photograph has the shape that is asked for."""
        asked = picturing.question(self.outcome)
        if asked is None or self.data is None or (name := name_of(asked)) not in self.form.fields:
            return
        frame = self.form.cleaned_data.get(name) or ""
        if picturing.unshaped(self.request, self.item.case, asked, self.data, frame):
            self.form.add_error(
                name,
                _(
                    "The part is not in the shape asked for. Move it, or empty its four boxes and show the photograph again."
                ),
            )

    def rehearsed(self) -> list[rehearsal.Rehearsed]:
        """The messages as they would be sent. Raises what choosing does."""
        request, choice = self.request, self.choice
        return rehearsal.by_position(
            self.item,
            choice.outcome,
            by=request.user,
            at=request.now,
            answers=choice.answers,
            note=choice.note,
            to=recipients_chosen(self.data or {}),
        )

    def _standing(self, given: dict[str, object]) -> dict[str, Asked]:
        return offering.standing(self.item, self.outcome.id, given, at=self.request.now)

    def _applying(self, standing: dict[str, Asked]) -> list[Question]:
        return [question for question in self.outcome.questions if standing[question.id].applies]

    def _led(self) -> dict[str, object]:
        """What the link that led here says is to be chosen among the values of lists."""
        led: dict[str, object] = {}
        for question in self.outcome.questions:
            offered = {key for key, _label in self._lists.get(question.list or "", ())}
            given = [value for value in self.request.GET.getlist(name_of(question)) if value in offered]
            if given and question.type in ("choice", "choices"):
                led[question.id] = given if question.type == "choices" else given[0]
        return led

    def _form(
        self, standing: dict[str, Asked], data: QueryDict | None, led: Mapping[str, object] | None = None
    ) -> OutcomeForm:
        defaults = {id: asked.default for id, asked in standing.items()} | dict(led or {})
        return self._made(self._applying(standing), defaults, data)

    def _made(self, questions: list[Question], defaults: dict[str, Any], data: QueryDict | None) -> OutcomeForm:
        lists, documents = self._lists, self._documents
        return OutcomeForm(self.outcome, questions, lists=lists, documents=documents, defaults=defaults, data=data)


def _documents(request: DeskRequest, item: WorkItem, questions: Sequence[Question]) -> dict[str, Pairs]:
    """The documents of the case each question about documents offers: those tagged so, images with a small picture."""
    asking = [question for question in questions if question.type in ("document", "documents")]
    if not asking:
        return {}
    found = sight.visible_documents(request.user).filter(case_link__case=item.case_id)
    rows = list(found.order_by("-id")[:MOST_DOCUMENTS])
    labels = {row.pk: _label(row) for row in rows}
    return {
        question.id: [(str(row.pk), labels[row.pk]) for row in rows if not question.tag or question.tag in row.tags]
        for question in asking
    }


def _label(document: Document) -> str:
    said = format_html('<span>{} <span class="app-secondary">{}</span></span>', document.name, day(document.created_at))
    if not document.media_type.startswith("image/"):
        return said
    source = reverse("desk:thumbnail", args=[document.pk])
    return format_html(
        '<span class="app-pictured"><img class="app-thumbnail" src="{}" alt="" loading="lazy" width="96" height="120"'
        ' data-turned="{}"> {}</span>',
        source,
        document.turned,
        said,
    )
