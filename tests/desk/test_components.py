"""Components: questions with their errors, tables, pages, dates in words; and templates that miss nothing."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.test import Client
from django.utils.safestring import mark_safe
from tests.desk.pages import Page

from moothall.web import components
from moothall.web.components import choices, fields
from moothall.web.components.forms import DayField, Form, MoneyField, Text
from moothall.web.components.parts import Target, numbered, sorting
from moothall.web.components.templatetags.components import clock, day, moment, pounds, size
from moothall.web.components.widgets import kind_of

FOLDER = Path(components.__path__[0])


class Asking(Form):
    name = forms.CharField(label="Full name", help_text="As on the application.")
    born = DayField(label="Date of birth", required=False)
    fee = MoneyField(label="Fee", required=False)
    kind = forms.ChoiceField(label="Kind", choices=[("a", "One"), ("b", "Other")], widget=forms.RadioSelect)
    note = Text(label="Note", max_length=40, required=False)


def shown(template: str, **values: Any) -> Page:
    return Page(Template(template).render(Context(values)))


def asked(**given: str) -> Asking:
    return Asking(QueryDict("&".join(f"{key}={value}" for key, value in given.items())))


def test_a_question_has_its_label_hint_and_error_tied_to_its_control() -> None:
    page = shown("{% field form.name %}", form=asked())
    control = page.all("input", name="name")[0]

    assert page.all("label")[0]["for"] == control["id"]
    assert control["aria-describedby"] == "id_name-hint id_name-error"
    assert control["aria-invalid"] == "true"
    assert page.text("p", id="id_name-error") == "Error: “Full name” needs an answer."


def test_the_summary_leads_from_each_error_to_its_control_and_is_absent_when_all_is_well() -> None:
    wrong = asked(born_0="31", born_1="2", born_2="2026", fee="ten", note="x" * 41)
    links = shown("{% errors form %}", form=wrong).links()

    assert links["“Full name” needs an answer."] == "#id_name"
    assert links["Enter a real date, like 27 3 2026."] == "#id_born_0"
    assert links["“Kind” needs an answer."] == "#id_kind_0"
    assert shown("{% errors form %}", form=asked(name="Alma", kind="a")).tags == []


def test_an_error_of_the_whole_form_stands_in_the_summary() -> None:
    form = asked(name="Alma", kind="a")
    form.add_error(None, "Somebody was first.")
    assert "Somebody was first." in shown("{% errors form %}", form=form).text("li")


@pytest.mark.parametrize(
    ("typed", "found"),
    [(("3", "3", "2026"), date(2026, 3, 3)), (("", "", ""), None), ((" 03 ", "3", "2026"), date(2026, 3, 3))],
)
def test_a_day_is_read_from_three_boxes(typed: tuple[str, str, str], found: date | None) -> None:
    assert DayField(required=False).clean(list(typed)) == found


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("31", "2", "2026"), "Enter a real date, like 27 3 2026."),
        (("3", "3", "26"), "Enter a real date, like 27 3 2026."),
        (("3", "", "2026"), "A date has a day, a month and a year."),
        (("", "", ""), "Enter a date."),
        (("a", "b", "c"), "Enter a real date, like 27 3 2026."),
        (("3", "3", "99999"), "Enter a real date, like 27 3 2026."),
    ],
)
def test_a_day_that_is_none_is_refused_with_a_sentence(typed: tuple[str, str, str], said: str) -> None:
    with pytest.raises(forms.ValidationError, match=said):
        DayField().clean(list(typed))


def test_money_is_typed_in_pounds_and_kept_in_pence() -> None:
    form = asked(name="Alma", kind="a", fee="£1,200.50")
    assert form.is_valid()
    assert form.cleaned_data["fee"] == 120_050
    again = shown("{% field form.fee %}", form=Asking(initial={"fee": 1050}))
    assert again.all("input")[0]["value"] == "10.50"
    assert "£" in again.text("div", class_="govuk-input__prefix")


def test_what_was_typed_and_chosen_is_still_there_after_an_error() -> None:
    form = asked(born_0="31", born_1="2", born_2="2026", kind="b")
    page = shown("{% field form.born %}{% field form.kind %}", form=form)

    assert [box["value"] for box in page.all("input", type="text")] == ["31", "2", "2026"]
    assert [box["value"] for box in page.all("input", type="radio") if "checked" in box] == ["b"]


def test_the_characters_left_are_told_without_cutting_off_what_is_pasted() -> None:
    page = shown("{% field form.note %}", form=asked())
    assert "maxlength" not in page.all("textarea")[0]
    assert page.text("div", id="id_note-info") == "You can enter up to 40 characters"


def test_what_people_wrote_is_escaped() -> None:
    page = shown('{% include "components/tag.html" with text=text only %}', text="<b>bold</b>")
    assert page.text("strong") == "<b>bold</b>"
    assert page.all("b") == []


def test_a_component_around_content_sees_nothing_else_of_the_page() -> None:
    page = shown('{% component "details" summary="More" %}{{ word }}{% endcomponent %}', word="within", open=True)
    assert page.text("details") == "More within"
    assert "open" not in page.all("details")[0]


def test_a_target_is_told_in_words_as_well_as_in_colour() -> None:
    late = Target("late", 1.3, "3 days over", due=datetime(2026, 3, 3, 12, tzinfo=UTC), paused=True)
    page = shown('{% include "components/target.html" with target=target only %}', target=late)
    assert page.text("div") == "Late · 3 days over · paused due 3 March 2026"
    assert page.all("rect")[1]["width"] == "100%"


def test_pages_show_the_first_the_last_and_those_near_and_keep_the_filters() -> None:
    pages = numbered(page=6, last=12, query=QueryDict("stage=check&page=6"))
    assert [link.number for link in pages.numbers] == [1, 0, 5, 6, 7, 0, 12]
    assert pages.next == "?stage=check&page=7"
    assert numbered(page=1, last=1, query=QueryDict("")).numbers == ()


def test_sorting_by_the_column_a_list_is_sorted_by_turns_it_round() -> None:
    query = QueryDict("sort=name&page=3")
    assert sorting("Name", "name", query=query, sort="name").order == "ascending"
    assert sorting("Name", "name", query=query, sort="name").href == "?sort=-name"
    assert sorting("Name", "name", query=query, sort="-name").href == "?sort=name"
    assert sorting("Opened", "opened", query=query, sort="name").order == ""


def test_days_times_amounts_and_sizes_are_written_as_people_say_them() -> None:
    summer = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
    assert (day(summer), clock(summer), moment(summer)) == ("3 July 2026", "2:30pm", "3 July 2026 at 2:30pm")
    assert [clock(datetime(2026, 3, 3, hour, tzinfo=UTC)) for hour in (0, 9, 12, 15)] == [
        "midnight",
        "9am",
        "midday",
        "3pm",
    ]
    assert (day(None), clock(None), moment(None), pounds(None)) == ("", "", "", "")
    assert (pounds(1050), size(1500), size(2_500_000)) == ("£10.50", "2 KB", "2.5 MB")


def test_a_template_that_shows_what_it_was_not_given_fails_its_test() -> None:
    with pytest.raises(pytest.fail.Exception, match="Undefined template variable 'nonesuch'"):
        shown("{{ nonesuch }}")


@pytest.mark.django_db
def test_the_gallery_shows_every_component(at_desk: Client) -> None:
    answer = at_desk.get("/desk/components/")
    used = {template.name for template in answer.templates}
    every = {f"components/{path.name}" for path in (FOLDER / "templates" / "components").glob("*.html")}
    assert every - used == set()


def test_choices_escape_what_is_text_and_keep_what_is_html() -> None:
    class Asked(forms.Form):
        pick = forms.ChoiceField(
            widget=forms.RadioSelect, choices=[("a&b", mark_safe('<img alt="Ada">')), ('"', "<b>Ben</b>")]
        )
        one = forms.ChoiceField(choices=[("<", [("x", "<i>X</i>"), ("y", "Y")]), ("", "None")])

    form = Asked({"pick": '"', "one": "y"})
    boxes = choices.boxes(form["pick"], kind="radios")
    assert '<img alt="Ada">' in boxes
    assert "&lt;b&gt;Ben" in boxes
    assert 'value="a&amp;b">' in boxes
    assert 'value="&quot;" checked>' in boxes
    select = choices.select(form["one"], {"class": "govuk-select"})
    assert '<optgroup label="&lt;"><option value="x">&lt;i&gt;X&lt;/i&gt;</option>' in select
    assert '<option value="y" selected>Y</option></optgroup><option value="">None</option></select>' in select


def _varied(**changes: Any) -> Form:
    """A form of two questions like any other, but for one thing."""
    made: dict[str, Any] = {
        "label": "Where",
        "choices": [("a", "Here"), ("b", "There")],
        "hint": "",
        "value": "",
        **changes,
    }

    class Varied(Form):
        place = forms.ChoiceField(
            label=made["label"], choices=made["choices"], help_text=made["hint"], disabled=made.get("disabled", False)
        )
        word = forms.CharField(label="Word", required=False, widget=forms.TextInput(made.get("attrs", {})))

    return Varied({"place": made["value"], "word": made.get("word", "")}, auto_id=made.get("auto_id", "id_%s"))


def test_a_question_shown_before_is_shown_anew_when_anything_of_it_differs() -> None:
    told = [
        {},
        {"label": "Whither"},
        {"label": "<b>Where</b>"},
        {"label": mark_safe("<b>Where</b>")},
        {"choices": [("a", "Here"), ("b", "Elsewhere")]},
        {"choices": [("a", "Here"), ("c", "There")]},
        {"hint": "Or nearby"},
        {"value": "b"},
        {"disabled": True},
        {"word": "typed"},
        {"attrs": {"inputmode": "numeric"}},
        {"auto_id": "other_%s"},
    ]
    for options in ({}, {"hide_label": True}):
        for _again in range(2):
            for changes in told:
                form = _varied(**{"value": "a", **changes})
                for bound in form:
                    kind = kind_of(bound.field.widget)
                    assert fields.question(bound, options) == fields._question(bound, kind, options)
    assert "needs an answer" in fields.question(_varied()["place"], {})
