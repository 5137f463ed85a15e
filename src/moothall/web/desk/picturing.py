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
    turned: str  # how far the picture is, where a part of it was set


def question(outcome: Outcome) -> Question | None:
    """The question of an outcome that asks for a part of a picture."""
    return next((one for one in outcome.questions if one.type == "frame"), None)


def settled(asked: Question, data: QueryDict) -> QueryDict:
    """`data` without a frame that was set on another picture than the one chosen now, or before it was turned."""
    name, chosen = name_of(asked), data.get(f"answer_{asked.of}", "")
    another = data.get(f"{name}_of", chosen) != chosen
    if not another and not was_turned(asked, data):
        return data
    changed = data.copy()
    for part in range(4):
        changed[f"{name}_{part}"] = ""
    changed[f"{name}_was"] = ""
    if another:
        changed[f"{name}_4"], changed[f"{name}_of"] = "0", chosen
    return changed


def was_turned(asked: Question, data: QueryDict) -> bool:
    """Whether the picture was turned after the part of it was set."""
    name = name_of(asked)
    same_picture = data.get(f"{name}_of") == data.get(f"answer_{asked.of}")
    was, now = data.get(f"{name}_was", ""), data.get(f"{name}_4", "")
    return same_picture and was not in ("", now) and any(data.get(f"{name}_{part}", "").strip() for part in range(4))


def unshaped(request: DeskRequest, case: Case, asked: Question, data: QueryDict, frame: str) -> bool:
    """Whether a part is not in the shape asked for; all of a picture may be sent, however it is shaped."""
    document = _chosen(request, case, data.get(f"answer_{asked.of}", ""))
    if not frame or document is None or asked.shape is None:
        return False
    part = framing.parse(frame)
    try:
        return not part.is_whole and not part.fits(pictures.size(document, turned=part.turned), asked.shape)
    except pictures.NoPicture:
        return False  # which is said of the picture


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
    changed[f"{name}_of"], changed[f"{name}_was"] = str(document.pk), str(turned)
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
    turn = frame.split()[4] if frame else ""
    return Framing(name, f"answer_{asked.of}", str(number or ""), f"{wide} {high}", picture, framed, sent, turn)


def _chosen(request: DeskRequest, case: Case, given: str) -> Document | None:
    number = whole(given)
    if number is None:
        return None
    seen = sight.visible_documents(request.user).filter(case_link__case=case, media_type__in=contents.PICTURES)
    found: Document | None = seen.filter(pk=number).first()
    return found
