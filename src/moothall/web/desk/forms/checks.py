"""Forms of a second pair of eyes: a proposal sent back, the quality of a decision checked, the days counted."""

from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moothall.domain.cases.models import QualityCheck
from moothall.domain.cases.quality import LONGEST_NOTE
from moothall.domain.workflow.oversight import QualityQuestion
from moothall.web.components.forms import DayField, Form, Text
from moothall.web.desk.forms.workflow import LONGEST_REASON

_YES_NO = (("yes", _("Yes")), ("no", _("No")))


class SendingBack(Form):
    """Why a second officer does not agree."""

    reason = Text(
        label=_("What should be looked at again?"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why you send it back.")},
    )


class Checking(Form):
    """The questions about a decision, and what the check came to."""

    result = forms.ChoiceField(
        label=_("What did the check come to?"),
        choices=[(QualityCheck.Result.PASSED, _("Passed")), (QualityCheck.Result.FAILED, _("Failed"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Say whether it passed or failed.")},
    )
    note = Text(label=_("Note (needed when it failed)"), max_length=LONGEST_NOTE, required=False)

    def __init__(self, questions: Sequence[QualityQuestion], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.questions = questions
        for question in questions:
            self.fields[f"answer_{question.id}"] = forms.ChoiceField(
                label=question.text,
                choices=_YES_NO,
                widget=forms.RadioSelect,
                error_messages={"required": _("Answer yes or no.")},
            )
        self.order_fields([f"answer_{question.id}" for question in questions])

    def answers(self) -> dict[str, bool]:
        """Yes or no, by question id."""
        return {question.id: self.cleaned_data[f"answer_{question.id}"] == "yes" for question in self.questions}


class Counting(Form):
    """The days whose samples are counted, both included."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
