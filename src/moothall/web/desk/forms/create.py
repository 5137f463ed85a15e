"""A case opened by hand, step after step."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form
from moothall.web.desk.forms.papers import Upload


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


class Documents(Upload):
    """Files for the case, if there are any, and what they are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        uploads, tags = self.fields["uploads"], self.fields["tags"]
        uploads.required, uploads.label, tags.label = False, _("Documents"), _("What they are")


class Start(Form):
    """The workflow to start."""

    workflow = forms.ChoiceField(label=_("Which workflow?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, workflows: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workflow"].choices = workflows  # type: ignore[attr-defined]
