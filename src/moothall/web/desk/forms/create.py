"""A case opened by hand, step after step."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form
from moothall.web.components.widgets import Files


class NewCase(Form):
    """Of what service, type and source; and which earlier case it follows."""

    type = forms.ChoiceField(label=_("What is it about?"), widget=forms.RadioSelect)
    source = forms.ChoiceField(label=_("How did it come in?"), widget=forms.RadioSelect)
    earlier = forms.ChoiceField(
        label=_("Does it follow an earlier case?"),
        help_text=_("The two are linked. You then choose which answers and documents of that case are taken over."),
        required=False,
    )

    def __init__(self, *args: Any, offered: dict[str, list[tuple[str, str]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        if len(offered["earlier"]) < 2:
            del self.fields["earlier"]


class Documents(Form):
    """Files for the case, and what they are."""

    documents = forms.FileField(label=_("Documents"), required=False, widget=Files)
    tags = forms.MultipleChoiceField(label=_("What they are"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, tags: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].choices = tags  # type: ignore[attr-defined]


class Start(Form):
    """The workflow to start."""

    workflow = forms.ChoiceField(label=_("Which workflow?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, workflows: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workflow"].choices = workflows  # type: ignore[attr-defined]
