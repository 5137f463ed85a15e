"""The part of a photograph that is sent (CT-42), while it is being chosen on the page of an outcome."""

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from moothall.domain.cases import sight
from moothall.domain.cases.models import Case
from moothall.domain.documents import content as contents
from moothall.domain.documents import pictures
from moothall.domain.documents.models import Document
from moothall.domain.workflow.definition import Outcome, Question
from moothall.kit import framing
from moothall.web.common.whole import whole
from moothall.web.desk.forms.outcome import name_of
from moothall.web.desk.request import DeskRequest


@dataclass(frozen=True)
class Framing:
    """What the page shows of it: `sent` is the address of exactly what will be sent, once a picture is chosen."""

    name: str  # of the field
    of: str  # of the field that asks for the picture
    document: str
    shape: str
    picture: str
    framed: str
    sent: str


def question(outcome: Outcome) -> Question | None:
    """The question of an outcome that asks for a part of a picture."""
    return next((one for one in outcome.questions if one.type == "frame"), None)


def settled(asked: Question, data: QueryDict) -> QueryDict:
    """`data` without a frame that was set on another picture than the one chosen now."""
    name, chosen = name_of(asked), data.get(f"answer_{asked.of}", "")
    if f"{name}_of" not in data or data[f"{name}_of"] == chosen:
        return data
    changed = data.copy()
    for part in range(4):
        changed[f"{name}_{part}"] = ""
    changed[f"{name}_4"], changed[f"{name}_of"] = "0", chosen
    return changed


def filled(request: DeskRequest, case: Case, asked: Question, data: QueryDict) -> QueryDict:
    """`data` with the largest frame in the middle of the picture chosen, where none was set."""
    name, document = name_of(asked), _chosen(request, case, data.get(f"answer_{asked.of}", ""))
    if document is None or asked.shape is None or any(data.get(f"{name}_{part}", "").strip() for part in range(4)):
        return data
    given = data.get(f"{name}_4", "0")
    turned = int(given) if given in map(str, framing.TURNS[1:]) else document.turned
    try:
        frame = framing.largest(pictures.size(document, turned=turned), asked.shape, turned=turned)
    except pictures.NoPicture:
        return data
    changed = data.copy()
    for part, number in enumerate(str(frame).split()):
        changed[f"{name}_{part}"] = number
    changed[f"{name}_of"] = str(document.pk)
    return changed


def shown(request: DeskRequest, case: Case, asked: Question, form: Any) -> Framing | None:
    """What the page needs to show the part; None while the question is not asked."""
    name = name_of(asked)
    if name not in form.fields:
        return None
    document = _chosen(request, case, str(form[f"answer_{asked.of}"].value() or ""))
    frame = form.cleaned_data.get(name, "") if form.is_bound else ""
    number = document.pk if document else 0
    framed = reverse("desk:framed", args=[0])
    sent = f"{reverse('desk:framed', args=[number])}?frame={frame.replace(' ', '+')}" if document else ""
    wide, high = asked.shape or (1, 1)
    picture = reverse("desk:case_picture", args=[case.reference, 0])
    return Framing(name, f"answer_{asked.of}", str(number or ""), f"{wide} {high}", picture, framed, sent)


def _chosen(request: DeskRequest, case: Case, given: str) -> Document | None:
    number = whole(given)
    if number is None:
        return None
    seen = sight.visible_documents(request.user).filter(case_link__case=case, media_type__in=contents.PICTURES)
    found: Document | None = seen.filter(pk=number).first()
    return found
