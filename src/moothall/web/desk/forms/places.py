"""What is noted of a place."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.domain.places.notes import LONGEST
from moothall.web.components.forms import DayField, Form, Text


class NewPlaceNote(Form):
    """A note, or a warning which is shown to whoever looks at the place."""

    text = Text(
        label=_("What is there to know?"),
        help_text=_("Whoever may see customers can read it. Write of the place, not of the people."),
        max_length=LONGEST,
        error_messages={"required": _("Write what there is to know.")},
    )
    warning = forms.BooleanField(
        label=_("This is a warning"), help_text=_("Such as a dangerous dog, or not to visit alone."), required=False
    )
    review_on = DayField(
        label=_("Look at it again on"), help_text=_("Leave empty if it is to stay as it is."), required=False
    )
    restricted = forms.BooleanField(
        label=_("Only for who may see restricted flags"),
        help_text=_("Nobody else learns that there is such a note."),
        required=False,
    )

    def __init__(self, *args: Any, may_restrict: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_restrict:
            del self.fields["restricted"]
