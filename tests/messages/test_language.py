"""The template language: what it can say, and that nothing else can be said in it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moothall.domain.messages import language, templates
from moothall.domain.messages.language import TemplateFault, Vocabulary
from moothall.domain.messages.vocabulary import CASES

WORDS = Vocabulary(lines={"first_name": "", "answer_by": ""}, lists={"items": ""}, blocks={"paragraphs": ""})


def render(source: str, **values: object) -> str:
    return language.read(source).render(values, blocks={})


def test_a_placeholder_prints_its_text_escaped() -> None:
    assert render("<p>{{ first_name }}</p>", first_name="<script>&") == "<p>&lt;script&gt;&amp;</p>"


def test_what_is_printed_or_gone_through_though_it_is_empty_is_told() -> None:
    def gaps(source: str) -> set[str]:
        told: set[str] = set()
        values = {"first_name": " ", "answer_by": "", "items": [], "postcode": "EX1"}
        language.read(source).render(values, blocks={"paragraphs": ""}, gaps=told)
        return told

    assert gaps("Dear {{ first_name }} of {{ postcode }}") == {"first_name"}
    assert gaps("{% for item in items %}{{ item }}{% endfor %}{{ paragraphs }}") == {"items", "paragraphs"}
    foreseen = "{% if answer_by %}by {{ answer_by }}{% elif items %}{{ paragraphs }}{% endif %}"
    assert gaps(foreseen + "{% for item in items %}{{ item }}{% empty %}nothing{% endfor %}") == set()


def test_a_value_that_looks_like_a_template_is_printed_as_it_is() -> None:
    assert render("{{ first_name }}", first_name="{{ answer_by }}{% if %}") == "{{ answer_by }}{% if %}"


def test_text_can_depend_on_a_placeholder_and_go_through_a_list() -> None:
    source = (
        "{% if kind == 'renewal' and items %}{% for item in items %}[{{ item }}]{% endfor %}{% else %}none{% endif %}"
    )

    assert render(source, kind="renewal", items=["a", "<b>"]) == "[a][&lt;b&gt;]"
    assert render(source, kind="new", items=["a"]) == "none"


def test_a_value_is_one_line_without_what_nobody_sees() -> None:
    assert render("{{ first_name }}", first_name="Ann\r\nBcc: x\u202e\x00") == "Ann Bcc: x"


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("{% load static %}", "Line 1: “{% load %}” cannot be used here. A message knows {% if %} and {% for %} only."),
        (
            "a\n{% include 'x' %}",
            "Line 2: “{% include %}” cannot be used here. A message knows {% if %} and {% for %} only.",
        ),
        ("{% autoescape off %}", "“{% autoescape %}” cannot be used here"),
        ("{% debug %}", "“{% debug %}” cannot be used here"),
        ("{{ first_name|safe }}", "“|safe” cannot be used"),
        ("{{ first_name.upper }}", "“first_name.upper” is not a placeholder: write a name"),
        ("{{ first_name.__class__ }}", "The text cannot be read"),
        ('{{ "<b>" }}', "is not a placeholder: write a name"),
        ("{{ _('x') }}", "is not a placeholder: write a name"),
        ("{% if first_name.upper %}x{% endif %}", "“first_name.upper” is not a placeholder"),
        ("{% for a in items.x %}x{% endfor %}", "“items.x” is not a placeholder"),
        ("{% if first_name %}x", "Line 1: “{% if %}” is never closed with “{% endif %}”."),
        ("{{ frist_name }}", "Line 1: “frist_name” is not a placeholder. Did you mean “first_name”?"),
        ("{{ items }}", "“items” is a list: print its lines with {% for %}."),
        ("{% for x in first_name %}{{ x }}{% endfor %}", "“first_name” is not a list"),
        ("{% for x in items %}{{ forloop.parentloop }}{% endfor %}", "is not a placeholder"),
        ("<script>1</script>", "The tag <script> is not kept in messages."),
        ("<img src=x>", "The tag <img> is not kept in messages."),
    ],
)
def test_every_fault_of_a_template_is_a_sentence(source: str, sentence: str) -> None:
    assert sentence in " ".join(language.check(source, WORDS, html=True))


def test_a_loop_may_ask_where_it_is() -> None:
    source = "{% for x in items %}{{ forloop.counter }}{{ x }}{% if not forloop.last %}, {% endif %}{% endfor %}"

    assert language.check(source, WORDS, html=True) == []
    assert render(source, items=["a", "b"]) == "1a, 2b"


def test_a_block_does_not_fit_in_a_subject() -> None:
    letter = templates.Parsed(name="n", subject="{{ paragraphs }}", body="<p>{{ paragraphs }}</p>")

    assert templates.faults(letter) == [
        "Subject: Line 1: “paragraphs” is a block of text, which does not fit in a subject."
    ]


def test_a_placeholder_nobody_gave_is_a_fault_and_never_an_empty_space() -> None:
    with pytest.raises(TemplateFault, match="“first_name” is not a placeholder"):
        render("{{ first_name }}", last_name="x")


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_either_read_or_refused_in_words(source: str) -> None:
    assert all(isinstance(sentence, str) and sentence for sentence in language.check(source, CASES, html=True))


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_value_ever_adds_a_tag(value: str) -> None:
    printed = render("<p>{{ first_name }}</p>", first_name=value)

    assert printed.count("<") == 2
    assert '"' not in printed
