"""What `services check` says of a service whose parts do not fit together."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from tests.progress.conftest import EXTRA, FILES, WORKFLOW

from moothall.config.apps import HooksFault
from moothall.domain.cases import effects
from moothall.domain.catalogue import bundle, checks
from moothall.domain.workflow.definition import Faulty

STORY = """
name: A story
by: blue_badge_officers
case: {type: new, source: online}
documents: {photo: [photograph]}
steps:
  - {at: check, choose: complete, answers: {zone: north, photo: photo}, now: wait_for_payment, tagged: [checked]}
  - {pay: {pence: 1000, method: card}, now: permit.issue}
  - {at: issue, choose: issued, ended: complete, closed: complete}
"""


def faults(changes: dict[str, str]) -> list[str]:
    """The faults of the test service with files put in place of others or beside them."""
    try:
        return [str(fault) for fault in checks.check(bundle.parse(FILES | changes))]
    except Faulty as error:
        return [str(fault) for fault in error.faults]


def service_with(text: str, other: str) -> dict[str, str]:
    assert text in FILES["service.yaml"]
    return {"service.yaml": FILES["service.yaml"].replace(text, other, 1)}


def on_disk(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def checked(*folders: Path) -> list[str]:
    """The lines `services check` prints."""
    errors = StringIO()
    with pytest.raises(CommandError):
        call_command("services", "check", *map(str, folders), stderr=errors)
    return errors.getvalue().splitlines()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ("{key: a, label: A}, {key: a, label: B}", "values.a: The value “a” is in the list twice."),
        ("{key: a, label: A}, {key: b, label: A}", "values: Two values of the list are called “A”"),
        ("{key: a, label: A, retired: true}", "values: Every value of the list is retired"),
    ],
)
def test_a_list_nobody_could_choose_from_is_a_fault(values: str, sentence: str) -> None:
    found = faults({"lists/odd.yaml": f"name: Odd\nvalues: [{values}]\n"})

    assert len(found) == 1
    assert found[0].startswith(f"lists/odd.yaml {sentence}")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("name: Parking permits", "name: Parking permits\nconnectors: [dft_blue_bage]"), "connectors: There is no connector “dft_blue_bage”. Did you mean “dft_blue_badge”?"),
        (("prefix: PP", "prefix: pp"), "prefix: “pp” is not a prefix of case references: use two to four capital letters, such as BB."),
        (("workflow: permit}", "workflow: permit}\n  - {key: new, label: Again, workflow: extra}"), "case_types: The case type “new” is declared twice."),
        (("label: Online}", "label: Online}\n  - {key: online, label: Web}"), "sources: The source “online” is declared twice."),
        (("name: Viewers}", "name: Viewers, document_tags: [foto]}"), "groups.blue_badge_viewers.document_tags: There is no document tag “foto”."),
        (("prefix: PP", "prefix: PP\nby_hand: [hallo]"), "by_hand: There is no letter “hallo” in this service."),
        (("prefix: PP", "prefix: PP\nissued: {tab: Pass, heading: Passes, numbers: pass, questions: [colour]}"), "issued.questions: No outcome of this service asks all of these: colour."),
        (("prefix: PP", "prefix: PP\nform_tag: foto"), "form_tag: There is no document tag “foto”."),
    ],
)  # fmt: skip
def test_a_fault_of_the_manifest_names_its_field(change: tuple[str, str], sentence: str) -> None:
    found = faults(service_with(*change))

    assert found
    assert all(line.startswith("service.yaml") for line in found), found
    assert any(line.endswith(sentence) for line in found), found


def test_a_condition_on_an_unknown_case_type_or_state_of_a_reply_is_a_fault() -> None:
    rule = "automatic: {when: tag('payment') || paid(), outcome: paid}"
    other = WORKFLOW.replace(rule, "automatic: {when: case.type == 'nwe', outcome: paid}")
    reply = WORKFLOW.replace(
        rule, "automatic: {when: \"replies['dft_blue_badge.order'] == 'finished'\", outcome: paid}"
    )

    assert ["Did you mean “new”?" in line for line in faults({"workflows/permit.yaml": other})] == [True]
    assert ["no state of a reply “finished”" in line for line in faults({"workflows/permit.yaml": reply})] == [True]


def test_an_example_that_speaks_of_what_there_is_has_no_fault() -> None:
    assert faults({"examples/story.yaml": STORY}) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("by: blue_badge_officers", "by: officers"), "by: There is no group “officers”."),
        (("type: new", "type: old"), "case.type: There is no case type “old”."),
        (("source: online", "source: fax"), "case.source: There is no source “fax”."),
        (("documents: {photo: [photograph]}", "documents: {photo: [foto]}"), "documents.photo: There is no document tag “foto”."),
        (("at: check", "at: chek"), "steps.number 1.at: There is no stage “chek”. Did you mean “check”?"),
        (("choose: complete", "choose: compleet"), "steps.number 1.choose: There is no outcome of “Check” called “compleet”. Did you mean “complete”?"),
        (("zone: north", "zon: north"), "steps.number 1.answers.zon: There is no question of “Complete” called “zon”. Did you mean “zone”?"),
        (("now: permit.issue", "now: extra.issue"), "steps.number 2.now: There is no stage “extra.issue”."),
        (("tagged: [checked]", "tagged: [cheked]"), "steps.number 1.tagged: There is no tag “cheked”."),
        (("ended: complete", "ended: completed"), "steps.number 3.ended: There is no state in which a workflow ends called “completed”."),
        (("ended: complete", "letters: [hello], ended: complete"), "steps.number 3.letters: There is no letter “hello”."),
        (("ended: complete", "queued: [permits.order], ended: complete"), "steps.number 3.queued: There is no operation “permits.order”."),
        (("pay: {pence: 1000, method: card}", "start: other"), "steps.number 2.start: There is no workflow “other”."),
        (("pay: {pence: 1000, method: card}", "reply: {operation: permits.order}"), "steps.number 2.reply.operation: There is no operation “permits.order”."),
    ],
)  # fmt: skip
def test_an_example_that_speaks_of_what_is_not_there_is_a_fault(change: tuple[str, str], fault: str) -> None:
    assert change[0] in STORY
    found = faults({"examples/story.yaml": STORY.replace(*change, 1)})

    assert len(found) == 1, found
    assert found[0].startswith(f"examples/story.yaml {fault}")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("<p>Dear Ann", "Line 1: <p> is never closed with </p>."),
        ("<p>One</p>\n<ul><li>Two</ul>", "Line 2: <li> is never closed with </li>."),
        ("<p>One</p></strong>", "Line 1: </strong> closes what was never opened."),
        ('<p><a href="javascript:alert(1)">Pay</a></p>', "Line 1: the link “javascript:alert(1)” is not kept"),
        ('<p><a href=" JavaScript:x">Pay</a></p>', "is not kept: a link begins with one of http:, https:, mailto:."),
        ('<p><a href="data:text/html,x">Pay</a></p>', "the link “data:text/html,x” is not kept"),
        ('<p><a href="/pay">Pay</a></p>', "the link “/pay” is not kept"),
        ('<p onclick="x()">Pay</p>', "Line 1: “onclick” of <p> is not kept in messages: leave it out."),
        ("<p>x</p>\n<!-- <p>the rest</p>", "Line 2: what begins with “<!--” is never closed."),
        ("<em>" * 60 + "x" + "</em>" * 60, "lies inside more than 50 other tags"),
        ("{% if first_name %}" * 2000 + "x" + "{% endif %}" * 2000, "more than 20 deep"),
    ],
)
def test_markup_that_would_not_come_out_as_written_is_a_fault_of_the_letter(body: str, sentence: str) -> None:
    found = faults({"letters/odd.html": f"---\nname: Odd\nsubject: Odd\n---\n{body}\n"})

    assert len(found) == 1, found
    assert found[0].startswith("letters/odd.html: ")
    assert sentence in found[0]


def test_sound_markup_with_placeholders_has_no_fault() -> None:
    body = '<p>{% if first_name %}Dear {{ first_name }}<br>{% endif %}<a href="https://example.org/{{ case_ref }}">x</a></p>'

    assert faults({"letters/sound.html": f"---\nname: Odd\nsubject: Odd\n---\n{body}\n"}) == []


def test_the_faults_of_a_letter_name_its_file_once_and_are_a_sentence_each() -> None:
    found = faults({"letters/bare.html": "<p>Hello</p>", "letters/torn.html": "---\nname: [\n---\n<p>x</p>"})

    assert found[0].startswith("letters/bare.html: A template opens with a line ---")
    assert found[1].startswith("letters/torn.html: The lines between --- and --- are not YAML")
    assert [line.count("letters/") for line in found] == [1, 1]
    assert not any("\n" in line for line in found)


def test_what_a_fault_quotes_can_be_printed_on_one_line() -> None:
    found = faults({"lists/odd.yaml": 'name: "a\\ud800b"\nvalues: [{key: "a\\n", label: A}]\n'})

    assert len(found) == 2
    for line in found:
        assert line.encode()
        assert "\n" not in line


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"lists/odd.yaml": "hello"}, "lists/odd.yaml:1: The file must be a set of keys and values, not “hello”."),
        ({"examples/story.yaml": STORY.replace("by:", "opened: 2026-03-04T09:00:00\nby:", 1)}, "must say its distance from UTC"),
        ({"examples/story.yaml": STORY.replace("online}", "online, born: yesterday}")}, "must be a date such as 2026-03-01, not “yesterday”."),
        ({"examples/story.yaml": STORY.replace("1000", "99999999999999")}, "steps.number 2.pay.pence: “pence” must be 100000000 or less"),
        ({"lists/odd.yaml": 'name: "A\\u202eB"\nvalues: [{key: a, label: A}]\n'}, "holds a control character"),
        ({"lists/odd.yaml": "name: A\nvalues: [" + "{key: a, label: A}," * 1001 + "]\n"}, "must have at most 1000 items"),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_form_is_said_plainly(change: dict[str, str], sentence: str) -> None:
    found = faults(change)

    assert len(found) == 1, found
    assert sentence in found[0]


def test_a_letter_is_in_the_language_its_file_is_named_after() -> None:
    welsh = "---\nname: Odd\nsubject: Odd\nlanguage: cy\n---\n<p>x</p>"

    assert "is named as one in en" in faults({"letters/odd.html": welsh})[0]
    assert "There is no English letter “odd”" in faults({"letters/odd.cy.html": welsh})[0]
    assert "is not a language of letters" in faults({"letters/odd.fr.html": welsh})[0]


def test_a_file_nothing_can_name_is_a_fault() -> None:
    found = faults({"lists/My-Zones.yaml": FILES["lists/zones.yaml"]})

    assert found == [
        "lists/My-Zones.yaml: “My-Zones” cannot be the name of a file here: use small letters, digits and _ and start"
        " with a letter."
    ]


def test_a_workflow_that_nothing_starts_is_a_fault() -> None:
    extra = EXTRA.replace("start_groups: [blue_badge_managers]", "manual: false")
    changes = {
        "workflows/extra.yaml": extra,
        "workflows/permit.yaml": WORKFLOW.replace("workflow: extra", "workflow: permit"),
    }

    assert [line.split(": ")[:2] for line in faults(changes)] == [
        ["workflows/extra.yaml manual", "Nothing starts this workflow"]
    ]


def test_workflows_that_start_each_other_by_themselves_without_end_are_a_fault() -> None:
    itself = EXTRA.replace("progress: [blue_badge_officers]", "automatic: {when: paid(), outcome: done}").replace(
        "name: Done,", "name: Done, do: [{effect: start, workflow: extra}],"
    )
    by_hand = EXTRA.replace("name: Done,", "name: Done, do: [{effect: start, workflow: extra}],")

    assert faults({"workflows/extra.yaml": itself}) == [
        "workflows/extra.yaml stage only automatic: Automatic stages could start workflows without end: “extra.only”."
    ]
    assert faults({"workflows/extra.yaml": by_hand}) == []


def test_what_is_not_a_file_of_a_service_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    folder = on_disk(tmp_path)
    (folder / "lists" / "zzz.yaml").mkdir()
    (folder / "lists" / "more.yml").write_text("name: More")
    (folder / "letter").mkdir()
    (folder / "letters" / "odd.html").write_bytes(b"\xff\xfe")
    (folder / "lists" / "gone.yaml").symlink_to(folder / "nowhere")
    (folder / "lists" / "long.yaml").write_text("#" * 600_000)

    found = {line.partition("/")[2].partition(": ")[0]: line.partition(": ")[2] for line in checked(folder)}

    assert found == {
        "letter": "This is a folder, and a service has no place for it here. Did you mean “letters”?",
        "letters/odd.html": "The file is not UTF-8 text.",
        "lists/gone.yaml": "This is not a file that can be read.",
        "lists/long.yaml": "The file is larger than 500,000 bytes.",
        "lists/more.yml": "A service folder has no place for this file.",
        "lists/zzz.yaml": "This is a folder, and a service has no place for it here.",
    }


def test_a_folder_that_is_no_service_is_named_once(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert checked(tmp_path / "empty") == ["empty/service.yaml: There is no service.yaml in this folder."]
    assert "There is no folder" in checked(tmp_path / "nothing")[0]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("def broken(:\n", "hooks.py:1: This is not valid Python:"),
        ("import os\n\nraise ValueError('no settings')\n", "hooks.py:3: It cannot be loaded: ValueError: no settings."),
        ("import not_there_at_all\n", "hooks.py:1: It cannot be loaded: ModuleNotFoundError:"),
        ("raise SystemExit\n", "hooks.py:1: It cannot be loaded: SystemExit."),
        ("x = '\0'\n", "hooks.py"),
    ],
)
def test_hooks_that_cannot_be_loaded_are_a_fault_with_the_line(tmp_path: Path, code: str, sentence: str) -> None:
    folder = on_disk(tmp_path)
    (folder / "hooks.py").write_text(code)

    found = checked(folder)

    assert len(found) == 1, found
    assert f"/{sentence}" in found[0]


def test_hooks_that_are_tried_are_not_put_to_use(tmp_path: Path) -> None:
    folder = on_disk(tmp_path)
    (folder / "hooks.py").write_text(
        "from moothall.domain.cases.effects import hook\n\n\n@hook('permits.tried')\ndef tried(occasion): ...\n"
    )

    call_command("services", "check", str(folder), stdout=StringIO())

    assert "permits.tried" not in effects.hook_names()


def test_the_product_says_which_hooks_of_its_own_cannot_be_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moothall import services
    from moothall.config import hooks

    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "__init__.py").touch()
    (tmp_path / "odd" / "hooks.py").write_text("\nraise LookupError\n")
    monkeypatch.setattr(services, "__path__", [str(tmp_path)])

    with pytest.raises(HooksFault, match=r"^services/odd/hooks\.py:2: It cannot be loaded: LookupError\.$"):
        hooks.load_built_in()


def test_two_services_checked_together_have_keys_and_prefixes_of_their_own(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        on_disk(folder)

    assert [line.partition(": ")[0] for line in checked(one, two)] == [
        "two/service.yaml key",
        "two/service.yaml prefix",
    ]


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ("{parking: {Name: person/name}}", "“Name” is not the way to an answer"),
        ("{parking: {holder/name: name}}", "“name” is not the way to an answer"),
        ("{parking: {a/b: x/y, c/d: x/y}}", "a/b and c/d cannot both answer x/y"),
    ],
)
def test_answers_of_another_service_are_declared_way_by_way(declared: str, sentence: str) -> None:
    manifest = f"{FILES['service.yaml']}\ncarry_over: {{answers_from: {declared}}}\n"
    [fault] = faults({"service.yaml": manifest})
    assert sentence in fault
