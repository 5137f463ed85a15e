"""What is asked of somebody who imports customers: the file, what its columns are, and what is done with whom one knows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from moothall.domain.people.importing import fields, services
from moothall.web.components.forms import Form

LONGEST_SAMPLE = 60
DATES = [("dmy", _("Day first: 27/3/1958")), ("mdy", _("Month first: 3/27/1958"))]
KNOWN = [
    ("fill", _("Add what is missing, and leave what is recorded")),
    ("update", _("Add what is missing, and put names, ways to reach them and address as the file has them")),
    ("leave", _("Leave them as they are")),
]
LIKELY = [
    ("hold", _("Hold the row back, and say whom it may be")),
    ("make", _("Record them all the same; duplicates are looked for every night")),
]


class Give(Form):
    """One file of customers."""

    upload = forms.FileField(
        label=_("File of customers"),
        help_text=_("CSV (UTF-8 or Windows-1252) or an Excel workbook (.xlsx), with headings in its first row."),
        error_messages={"required": _("Choose a file."), "empty": _("This file is empty.")},
    )


class Columns(Form):
    """What each column is, and the options. Columns are `column_0` and so on, in the order of the file."""

    dates = forms.ChoiceField(
        label=_("How are days written?"),
        help_text=_("Days like 1958-03-27 and 27 March 1958 are understood as well."),
        choices=DATES,
        widget=forms.RadioSelect,
    )
    known = forms.ChoiceField(
        label=_("Who is recorded already, by a number or National Insurance number"),
        choices=KNOWN,
        widget=forms.RadioSelect,
    )
    likely = forms.ChoiceField(
        label=_("Who is likely recorded already, by name, birth and postcode"), choices=LIKELY, widget=forms.RadioSelect
    )
    match = forms.BooleanField(
        label=_("Look addresses in parts up in the gazetteer, which takes longer"), required=False
    )
    source = forms.CharField(
        label=_("Name of the system that earlier contacts and cases come from"),
        help_text=_(
            "Only for files of contacts and cases. Give each file of one system the same name: none is brought in twice."
        ),
        required=False,
        validators=[MaxLengthValidator(60)],
    )
    service = forms.ChoiceField(
        label=_("Service that earlier contacts and cases belong to"),
        help_text=_(
            "Who may see cases of the service may see them. Those of no service are seen by who sees cases of every service."
        ),
        required=False,
    )
    keep_as = forms.CharField(
        label=_("Keep these columns under a name (optional)"),
        help_text=_("The next file with these headings begins with them. A name that is there already is used anew."),
        required=False,
        validators=[MaxLengthValidator(100)],
    )

    def __init__(
        self,
        headings: Sequence[str],
        samples: Sequence[Sequence[str]],
        *args: Any,
        initial: Mapping[str, Any],
        **kwargs: Any,
    ) -> None:
        chosen: Mapping[str, str] = initial.get("columns", {})
        values = {f"column_{place}": chosen.get(heading, "") for place, heading in enumerate(headings)}
        super().__init__(*args, initial={**initial.get("options", {}), **values}, **kwargs)
        self.headings = list(headings)
        self.fields["service"].choices = [("", _("No service")), *services.known().items()]  # type: ignore[attr-defined]
        choices = [("", _("Leave out")), *((group.name, list(group.fields.items())) for group in fields.groups())]
        for place, heading in enumerate(headings):
            seen = [cells[place][:LONGEST_SAMPLE] for cells in samples if place < len(cells) and cells[place].strip()]
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=heading, help_text=", ".join(seen), choices=choices, required=False
            )

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """The question about each column."""
        return [self[f"column_{place}"] for place in range(len(self.headings))]

    @property
    def columns(self) -> dict[str, str]:
        """What was chosen, without what is left out."""
        chosen = {heading: self.cleaned_data[f"column_{place}"] for place, heading in enumerate(self.headings)}
        return {heading: field for heading, field in chosen.items() if field}

    @property
    def options(self) -> dict[str, Any]:
        """The options as the import keeps them."""
        return {name: self.cleaned_data[name] for name in ("dates", "known", "likely", "match", "source", "service")}
