"""The part of a picture as five boxes: where it lies, in per cent, and how far the picture is turned."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.kit import framing

SIDES = (_("Left"), _("Top"), _("Width"), _("Height"))
WAYS = [("0", _("Not turned")), ("90", _("To the right")), ("180", _("Upside down")), ("270", _("To the left"))]


class FrameBoxes(forms.MultiWidget):
    """Left, top, width and height in per cent, and the turn."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        box = {"inputmode": "decimal", "class": "govuk-input govuk-input--width-4", "autocomplete": "off"}
        boxes: list[forms.Widget] = [forms.TextInput(box) for _side in SIDES]
        super().__init__([*boxes, forms.Select({"class": "govuk-select"}, choices=WAYS)], attrs)

    def decompress(self, value: Any) -> list[Any]:
        """The five parts of a frame as it is kept."""
        return value.split() if value else [None, None, None, None, "0"]


class FrameField(forms.MultiValueField):
    """A part of a picture; its value is the text that `framing.parse` reads, empty for all of it."""

    widget = FrameBoxes

    def __init__(self, **options: Any) -> None:
        parts = [forms.CharField(max_length=12, required=False) for _part in range(5)]
        super().__init__(parts, require_all_fields=False, **options)

    def compress(self, data_list: list[Any]) -> str:
        """The frame. Raises ValidationError saying what is wrong with it."""
        boxes = [str(part).strip().removesuffix("%") for part in data_list[:4]] if data_list else []
        turn = data_list[4] if data_list else ""
        if not any(boxes):
            return str(framing.Frame(turned=int(turn))) if turn in map(str, framing.TURNS[1:]) else ""
        if not all(boxes):
            raise forms.ValidationError(_("Fill in all four boxes, or none to send the whole picture."))
        try:
            return str(framing.parse(" ".join([*boxes, data_list[4] or "0"])))
        except framing.InvalidFrame as error:
            raise forms.ValidationError(str(error)) from error
