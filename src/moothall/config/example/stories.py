"""What happened on the cases of the example council: outcomes chosen one after the other, and notes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """An outcome chosen at a stage. `documents` names the tag of documents that answer a question."""

    stage: str
    outcome: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True)
class ByHand:
    """A case opened by hand for somebody who is known already: its type, how it came in, and what was done.

    With `workflow` it is started on their own case instead.
    """

    type: str
    source: str
    steps: tuple[Step, ...] = ()
    workflow: str = ""


CHECKED = Step("initial_checks", "desktop_screening")
INCOMPLETE = Step("initial_checks", "incomplete")
ASKED = Step("missing_information", "ask", {"missing": ["photograph"]})
ELIGIBLE = Step("desktop_screening", "eligible")
_DETAILS = ({"eligibility": "walkd"}, {"photograph": "photograph"})
CONFIRMED = Step("badge_details", "confirm", *_DETAILS)
PAID = Step("payment", "received", {"method": "card", "payment_reference": "EXAMPLE-0002"})
LINK = Step("payment", "ask")
REFUSED = Step("desktop_screening", "refuse")
_REASONS = {"refusal_reasons": ["evidence_insufficient"]}
TOLD = Step("refusal", "refuse", _REASONS, note="Drives an unadapted car and uses parking machines.")
FACE_TO_FACE = Step("desktop_screening", "face_to_face")
_EXPERT = Step("desktop_screening", "expert_assessor", {}, {"for_assessor": "proof_of_address"})
_DESKTOP = Step("desktop_screening", "desktop_assessment")
APPEALED = Step("refused_holding", "appeal_received")
_ACKNOWLEDGED = Step("appeal_received", "acknowledge", {"received_by": "letter"}, {"communication": "proof_of_address"})
STORIES: tuple[tuple[Step, ...], ...] = (
    (),
    (CHECKED,),
    (CHECKED, ELIGIBLE, CONFIRMED, PAID),
    (INCOMPLETE,),
    (CHECKED, _EXPERT),
    (INCOMPLETE, ASKED),
    (CHECKED, FACE_TO_FACE),
    (),
    (CHECKED, ELIGIBLE),
    (CHECKED, REFUSED, TOLD),
    (CHECKED, _DESKTOP),
    (CHECKED, ELIGIBLE, CONFIRMED),
    (CHECKED, REFUSED),
    (Step("initial_checks", "out_of_area", note="Lives in the next county."),),
    (CHECKED, FACE_TO_FACE, Step("face_to_face_assessment", "no_show")),
    (CHECKED, REFUSED, TOLD, APPEALED),
    (CHECKED, ELIGIBLE, CONFIRMED, LINK),
    (INCOMPLETE, ASKED, Step("missing_information_result", "complete")),
    (CHECKED, REFUSED, TOLD, APPEALED, _ACKNOWLEDGED),
    (CHECKED, FACE_TO_FACE, Step("face_to_face_assessment", "eligible", note="Walks twenty metres with two sticks.")),
    (INCOMPLETE, ASKED, Step("missing_information_result", "not_provided")),
    (CHECKED, ELIGIBLE, CONFIRMED, Step("payment", "waived", note="Paid in error before.")),
    (
        CHECKED,
        REFUSED,
        TOLD,
        APPEALED,
        _ACKNOWLEDGED,
        Step("decision", "upheld", note="The new letter gives ten points."),
    ),
    (CHECKED, _DESKTOP, Step("desktop_assessment", "eligible", note="The report of the clinic says enough.")),
)

_LOST = Step("replacement_request", "lost")
_REPLACED = Step("replacement_details", "confirm", {"badge_number": "0A1B2C"})
_URGENT = Step("reason", "fast_track", note="A letter of the hospice came with the application.")
_TOLD_US_ONCE = Step("notification", "tell_us_once", {"tell_us_once_reference": "TUO-0001", "badge_number": "0A1B2C"})
BY_HAND: tuple[ByHand, ...] = (
    ByHand("replacement", "phone"),
    ByHand("fast_track", "in_person"),
    ByHand("no_longer_needed", "phone"),
    ByHand("replacement", "phone", (_LOST,)),
    ByHand("", "", workflow="change_party_data"),
    ByHand("fast_track", "phone", (_URGENT,)),
    ByHand("appeal", "paper"),
    ByHand("replacement", "in_person", (_LOST, _REPLACED)),
    ByHand("no_longer_needed", "paper", (_TOLD_US_ONCE,)),
    ByHand("renewal", "paper"),
    ByHand("replacement", "phone", (_LOST, _REPLACED, LINK)),
    ByHand("renewal", "phone", (INCOMPLETE,)),
    ByHand("replacement", "phone", (_LOST, _REPLACED, PAID)),
    ByHand("fast_track", "paper", (Step("reason", "not_urgent", note="No date for the operation is set."),)),
)
NOTES = (
    "Phoned: wants to hear by post.",
    "The daughter speaks for her mother.",
    "Please call after 5pm.",
    "Asked how long it takes; told four weeks.",
    "The name on the proof of address is spelt otherwise. It is the same person.",
    "Uses a hearing loop: write rather than ring.",
    "Looked at the photograph: it will do.",
    "Moves house next month and will tell us.",
    "Rang again. Nothing is missing from them.",
)
