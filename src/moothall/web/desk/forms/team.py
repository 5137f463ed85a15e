"""What a supervisor is asked: who gets work, who is away, what happens to the work of somebody who leaves."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from moothall.core.accounts.models import Absence, User
from moothall.domain.cases.sharing import MOST
from moothall.web.components.forms import DayField, Form

Choices = list[tuple[str, str]]

REASONS = {
    Absence.WhyAway.LEAVE: gettext_lazy("Leave"),
    Absence.WhyAway.TRAINING: gettext_lazy("Training"),
    Absence.WhyAway.OTHER_DUTIES: gettext_lazy("Other duties"),
    Absence.WhyAway.NOT_SAID: gettext_lazy("Not said"),
}


class Once(Form):
    """A form that counts once however often it is sent."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["key"].initial = uuid4

    def clean_key(self) -> UUID:
        """The key it came with."""
        given: UUID | None = self.cleaned_data.get("key")
        return given or uuid4()


class ShareOut(Once):
    place = forms.ChoiceField(label=gettext_lazy("Work that waits at"))
    most = forms.IntegerField(
        label=gettext_lazy("How many work items"),
        help_text=gettext_lazy("Those that have waited longest come first."),
        min_value=1,
        max_value=MOST,
        initial=50,
        widget=forms.TextInput({"inputmode": "numeric"}),
        error_messages={
            "invalid": gettext_lazy("Enter a whole number, like 50."),
            "min_value": gettext_lazy("Enter 1 or more."),
            "max_value": gettext_lazy("Enter 1,000 or fewer."),
        },
    )
    among = forms.MultipleChoiceField(
        label=gettext_lazy("Among these colleagues"),
        help_text=gettext_lazy("Each item goes to whoever holds least by then. Who is away today gets none."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one colleague.")},
    )

    def __init__(self, *args: Any, places: Choices, people: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["among"].choices = people  # type: ignore[attr-defined]


class Skills(Form):
    skills = forms.MultipleChoiceField(
        label=gettext_lazy("Skills"),
        help_text=gettext_lazy("Work that asks for a skill is shared out only among those who have it."),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, skills: Choices, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["skills"].choices = skills  # type: ignore[attr-defined]


class RecordAbsence(Form):
    """`people` are those one may record it for, oneself first; `covers` may cover."""

    who = forms.ChoiceField(label=gettext_lazy("Who is away"))
    first_day = DayField(label=gettext_lazy("First day away"))
    last_day = DayField(label=gettext_lazy("Last day away"))
    reason = forms.ChoiceField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Nothing about health belongs here. For illness choose “Not said”."),
        choices=list(REASONS.items()),
        initial=Absence.WhyAway.LEAVE,
        widget=forms.RadioSelect,
    )
    cover = forms.ChoiceField(
        label=gettext_lazy("Who covers"),
        help_text=gettext_lazy("They find the work in their own list, as far as they may see it."),
        required=False,
    )

    def __init__(self, *args: Any, people: Collection[User], covers: Iterable[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["who"].choices = [(str(one.pk), one.full_name) for one in people]  # type: ignore[attr-defined]
        self.fields["cover"].choices = [  # type: ignore[attr-defined]
            ("", _("Nobody")),
            *((str(one.pk), one.full_name) for one in covers),
        ]
        if len(people) == 1:
            self.fields["who"].required = False
            self.fields["who"].widget = forms.HiddenInput()


class HandOver(Once):
    to = forms.MultipleChoiceField(
        label=gettext_lazy("Who takes it over"),
        help_text=gettext_lazy(
            "Choose nobody to give it all back to the teams. What nobody chosen may do goes back too."
        ),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    deactivate = forms.BooleanField(
        label=gettext_lazy("When all is handed over, end the account: it can no longer be signed in to"), required=False
    )
    reason = forms.CharField(label=gettext_lazy("Why the account ends"), max_length=200, required=False)

    def __init__(self, *args: Any, people: Choices, may_end: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"].choices = people  # type: ignore[attr-defined]
        if not may_end:
            del self.fields["deactivate"], self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        """An account ends for a reason."""
        data = super().clean() or {}
        if data.get("deactivate") and not data.get("reason", "").strip():
            self.add_error("reason", _("Say why the account ends."))
        return data
