"""How a form is begun in the form studio, and what is taken in from a file."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from moothall.web.components.forms import Form, offer
from moothall.web.desk.forms.form_studio import line, one_of

LARGEST = 500_000


class Begin(Form):
    """A copy of a version, nothing, or a file; of a service, under a name."""

    how = forms.ChoiceField(
        label=_("How do you begin?"),
        choices=[
            ("copy", _("From a form there is, or an earlier version of it")),
            ("nothing", _("From nothing")),
            ("file", _("From a file, as the studio and services’ folders have them")),
        ],
        widget=forms.RadioSelect,
        initial="copy",
    )
    copy = one_of(_("Form"), [], radios=False)
    service = one_of(_("Service"), [], radios=False)
    name = line(
        _("Name of the new form"),
        _("Leave it empty to go on with the form you copy. With a name it becomes another form."),
    )
    file = forms.FileField(label=_("File (YAML)"), required=False)

    def __init__(
        self, *args: Any, versions: Sequence[tuple[str, str]], services: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offer(self, "copy", versions)
        offer(self, "service", services)

    def clean(self) -> dict[str, Any]:
        """What the chosen way needs."""
        given = super().clean() or {}
        how = given.get("how")
        if how == "copy" and not given.get("copy") and "copy" not in self.errors:
            self.add_error("copy", _("Choose a form."))
        if how in ("nothing", "file") and not given.get("service") and "service" not in self.errors:
            self.add_error("service", _("Choose a service."))
        if how == "nothing" and not given.get("name") and "name" not in self.errors:
            self.add_error("name", _("Give the form a name."))
        if how == "file" and "file" not in self.errors:
            _read(self, given)
        return given


class Take(Form):
    """A file whose form takes the place of what a sketch says."""

    on = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    file = forms.FileField(label=_("File (YAML)"), required=False)

    def clean(self) -> dict[str, Any]:
        """The text of the file."""
        given = super().clean() or {}
        _read(self, given)
        return given


def _read(form: Form, given: dict[str, Any]) -> None:
    """The text of the file, as `text`."""
    file = given.get("file")
    if not file:
        form.add_error("file", _("Choose a file."))
    elif file.size > LARGEST:
        form.add_error("file", _("The file is larger than a form can be."))
    else:
        try:
            given["text"] = file.read().decode()
        except UnicodeDecodeError:
            form.add_error("file", _("The file is not text (UTF-8)."))
