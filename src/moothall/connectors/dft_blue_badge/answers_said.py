"""What answers of its applications are called, and the order people read them in, where they are its own."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

WORDS: Mapping[str, str | Promise] = {
    "national_id": _("Number of the national service"),
    "ongoing": _("Without an end"),
    "used": _("When it is used"),
    "provided": _("How they got it"),
    "how_often_drives": _("How often they drive"),
    "seen_for_falls": _("Seen by a professional for falls"),
    "chest_lung_heart_or_epilepsy": _("Condition of the chest, lungs or heart, or epilepsy"),
}
ORDER = [
    "number_of_badges",
    "vehicles",
    "existing_badge_number",
    "authority",
    "transferred_from",
    "transferred_at",
    "national_id",
    "benefit",
    "ongoing",
    "ends_on",
    "conditions",
    "walking",
    "difficulties",
    "pain",
    "balance",
    "seen_for_falls",
    "danger",
    "chest_lung_heart_or_epilepsy",
    "breathlessness",
    "other_difficulty",
    "can_walk_for",
    "speed",
    "walks_from_and_to",
    "how_long_it_takes",
    "child_under_3",
    "equipment",
    "other_equipment",
    "location",
    "aids",
    "description",
    "used",
    "provided",
    "treatments",
    "when",
    "medications",
    "prescribed",
    "quantity",
    "how_often",
    "professionals",
]
