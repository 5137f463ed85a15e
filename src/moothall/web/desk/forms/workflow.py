"""Forms about a workflow: an outcome picked, a workflow started, the clock, requests, steps outside the flow."""

from collections.abc import Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moothall.domain.cases.models import Request
from moothall.domain.workflow.definition import Outcome, Stage, Workflow
from moothall.web.components.forms import DayField, Form, Text, offer

LONGEST_REASON = 2000


class Picking(Form):
    """Which outcome, of those that can be chosen now."""

    outcome = forms.ChoiceField(
        label=_("What happens next?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose what happens next."),
            "invalid_choice": _("This cannot be chosen now. Choose another."),
        },
    )

    def __init__(self, outcomes: Sequence[Outcome], data: QueryDict | None = None) -> None:
        super().__init__(data)
        offer(self, "outcome", [(one.id, one.name) for one in outcomes])


class Starting(Form):
    """Which workflow, of those one may start."""

    workflow = forms.ChoiceField(
        label=_("Which workflow?"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a workflow."),
            "invalid_choice": _("This workflow goes on already, or you may not start it."),
        },
    )

    def __init__(
        self, workflows: Sequence[Workflow], data: QueryDict | None = None, *, initial: dict[str, str] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        offer(self, "workflow", [(one.key, one.name) for one in workflows])


class Pausing(Form):
    """Why the clock stops."""

    category = forms.ChoiceField(
        label=_("Why does the clock stop?"),
        widget=forms.RadioSelect,
        choices=[
            ("awaiting_applicant", _("We wait for the applicant")),
            ("awaiting_others", _("We wait for somebody else")),
            ("council_closed", _("The council cannot work on it")),
        ],
        error_messages={"required": _("Choose why the clock stops.")},
    )
    policy = forms.ChoiceField(
        label=_("And when it goes on?"),
        widget=forms.RadioSelect,
        choices=[("continue", _("With the time that is left")), ("start_again", _("With the whole time again"))],
        initial="continue",
    )
    reason = Text(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why, for whoever reads it later.")},
    )


class Extending(Form):
    """More time, in the unit of the target."""

    amount = forms.IntegerField(
        min_value=1,
        max_value=10_000,
        error_messages={
            "required": _("Say how much more time it needs."),
            "invalid": _("Enter a whole number, like 5."),
            "min_value": _("Enter 1 or more."),
            "max_value": _("Enter 10,000 or less."),
        },
        widget=forms.TextInput({"inputmode": "numeric"}),
    )
    reason = Text(
        label=_("Reason"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why it needs more time.")},
    )

    def __init__(self, unit: str, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["amount"].label = _("How much more time, in %s?") % unit.replace("_", " ")


class Stepping(Form):
    """Which stage, and why outside the flow."""

    stage = forms.ChoiceField(
        label=_("To which stage?"),
        error_messages={"required": _("Choose a stage."), "invalid_choice": _("Choose one of the stages.")},
    )
    reason = Text(
        label=_("Reason"),
        help_text=_("It is kept in the timeline and in the audit record."),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why you step outside the flow.")},
    )

    def __init__(self, stages: Sequence[Stage], data: QueryDict | None = None) -> None:
        super().__init__(data)
        offer(self, "stage", [("", _("Choose a stage")), *((one.id, one.name) for one in stages)])


class Received(Form):
    """That the applicant answered a request."""

    text = Text(label=_("What came? (optional)"), max_length=LONGEST_REASON, required=False)


class Cancelling(Form):
    """Why a request is withdrawn."""

    reason = Text(
        label=_("Why is the request cancelled?"),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say why the request is cancelled.")},
    )


class Asking(Form):
    """Something to ask the applicant for, by hand."""

    kind = forms.ChoiceField(
        label=_("What kind of thing?"),
        widget=forms.RadioSelect,
        choices=[
            (Request.Kind.DOCUMENT, _("Documents")),
            (Request.Kind.INFORMATION, _("Information")),
            (Request.Kind.CORRECTION, _("A correction")),
            (Request.Kind.FEE, _("A fee")),
        ],
        error_messages={"required": _("Choose what kind of thing you ask for.")},
    )
    items = Text(
        label=_("What do you ask for?"),
        help_text=_("One thing on each line."),
        max_length=LONGEST_REASON,
        error_messages={"required": _("Say what you are asking the applicant for.")},
    )
    answer_by = DayField(label=_("To be answered by"))
    pauses = forms.BooleanField(label=_("Stop the clock until it is answered"), required=False)

    def __init__(self, data: QueryDict | None = None, *, copy_of: str = "") -> None:
        """`copy_of`: the name of a document to ask for another copy of."""
        asked = gettext("Another copy of “%s”") % copy_of if copy_of else ""
        super().__init__(data, initial={"kind": Request.Kind.DOCUMENT, "items": asked} if asked else None)

    def asked(self) -> list[dict[str, str]]:
        """What is asked for, one thing for each line."""
        lines = [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]
        return [{"key": f"line_{number}", "label": line[:200]} for number, line in enumerate(lines, start=1)]
