import re
from collections.abc import Callable

import pytest
from lxml import etree

from moothall.domain.workflow.definition import Workflow, parse
from moothall.domain.workflow.diagram import description, mermaid, svg

SVG = "{http://www.w3.org/2000/svg}"
NASTY = '<script>alert("x")</script> & end];'


def drawn(text: str) -> etree._Element:
    return etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))


def texts(root: etree._Element) -> list[str]:
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


def nasty(sample_text: str) -> Workflow:
    quoted = "'" + NASTY + "'"
    return parse(
        sample_text.replace("name: Assessment", f"name: {quoted}")
        .replace("name: Out of area", f"name: {quoted}")
        .replace("name: Resident parking permit", f"name: {quoted}"),
        file="",
    )


def test_the_drawing_has_every_stage_outcome_and_end(workflow: Workflow) -> None:
    shown = texts(drawn(svg(workflow)))

    for stage in workflow.stages:
        assert stage.name in shown
        assert all(outcome.name in shown for outcome in stage.outcomes)
    assert {"■ End: complete", "■ End: refused", "■ End: closed"} <= set(shown)


def test_every_outcome_says_where_it_leads_and_ways_on_have_a_line(workflow: Workflow) -> None:
    root = drawn(svg(workflow))
    shown = texts(root)

    outcomes = sum(len(stage.outcomes) for stage in workflow.stages)
    ways_on = [text for text in shown if text.startswith("→")]
    assert len([text for text in shown if text[0] in "→←↕■"]) == outcomes
    assert "← Initial checks" in shown
    assert "→ Assessment" in shown
    assert len([path for path in root.iter(f"{SVG}path") if path.get("marker-end")]) == len(ways_on)


def test_no_line_crosses_a_box(workflow: Workflow) -> None:
    root = drawn(svg(workflow))

    spans = {
        (int(box.get("x")), int(box.get("x")) + int(box.get("width"))) for box in root.iterfind(f".//{SVG}g/{SVG}rect")
    }
    for path in root.iter(f"{SVG}path"):
        if path.get("marker-end"):
            numbers = [int(number) for number in re.findall(r"-?\d+", path.get("d"))]
            assert all(max(numbers[::2]) <= left or min(numbers[::2]) >= right for left, right in spans)


def test_what_is_automatic_holding_or_current_is_said_in_words(workflow: Workflow) -> None:
    shown = texts(drawn(svg(workflow, current="may_appeal")))

    assert "automatic · holding · current stage" in shown
    assert "first stage · target 5 working days" in shown
    assert not any("current stage" in text for text in texts(drawn(svg(workflow))))


def test_the_current_stage_is_lit(workflow: Workflow) -> None:
    assert svg(workflow).count('stroke-width="4"') == 0
    assert svg(workflow, current="issue").count('stroke-width="4"') == 1
    assert "style s_issue" in mermaid(workflow, current="issue")


def test_the_drawing_tells_its_flow_to_whoever_cannot_see_it(workflow: Workflow) -> None:
    root = drawn(svg(workflow))

    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.get("role") == "img"
    assert title is not None
    assert desc is not None
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    assert title.text == "Resident parking permit"
    assert desc.text == description(workflow)
    assert "Waiting for payment (automatic): Paid leads to Issue; Not paid leads to the end, closed." in description(
        workflow
    )


def test_the_drawing_stands_alone(workflow: Workflow) -> None:
    text = svg(workflow)

    assert "href" not in text
    assert "<style" not in text
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]


def test_no_two_boxes_overlap_and_all_lie_inside_the_picture(workflow: Workflow) -> None:
    root = drawn(svg(workflow))
    boxes = [
        tuple(int(box.get(key)) for key in ("x", "y", "width", "height"))
        for group in root.iter(f"{SVG}g")
        for box in group.iter(f"{SVG}rect")
    ]

    assert len(boxes) == len(workflow.stages)
    for number, (x, y, width, height) in enumerate(boxes):
        assert x + width <= int(root.get("width"))
        assert y + height <= int(root.get("height"))
        for other_x, other_y, other_width, other_height in boxes[number + 1 :]:
            apart = (
                x + width <= other_x
                or other_x + other_width <= x
                or y + height <= other_y
                or other_y + other_height <= y
            )
            assert apart


def test_names_are_escaped_in_the_drawing(sample_text: str) -> None:
    text = svg(nasty(sample_text))
    root = drawn(text)

    assert "<script" not in text
    assert not list(root.iter(f"{SVG}script"))
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == NASTY


def test_names_are_escaped_in_mermaid(sample_text: str) -> None:
    text = mermaid(nasty(sample_text))

    assert "<script" not in text
    for line in text.splitlines():
        assert line.count('"') in (0, 2)
        label = line.partition('"')[2].rpartition('"')[0]
        assert not set("<>[](){}|`&").intersection(label)


def test_mermaid_joins_every_outcome_to_where_it_leads(workflow: Workflow) -> None:
    lines = mermaid(workflow).splitlines()

    assert lines[0] == "flowchart LR"
    assert '  s_assessment -->|"Eligible"| s_payment' in lines
    assert '  s_initial_checks -->|"Out of area"| e_refused' in lines
    assert '  s_may_appeal(["Waiting for an appeal · automatic · holding"])' in lines


def test_lighting_a_stage_that_does_not_exist_is_an_error(workflow: Workflow) -> None:
    with pytest.raises(LookupError):
        mermaid(workflow, current="nowhere")
    with pytest.raises(LookupError):
        svg(workflow, current="nowhere")


def test_a_definition_with_faults_can_still_be_drawn() -> None:
    broken = parse(
        "key: x\nname: X\nstart: nowhere\nstages:\n  - {id: a, name: A, see: [], outcomes: [{id: o, name: O, to: gone},"
        " {id: p, name: P}]}\n  - {id: b, name: B, see: []}",
        file="",
    )

    assert "O leads to gone; P leads to nowhere." in description(broken)
    assert {"A", "B"} <= set(texts(drawn(svg(broken))))
    assert "s_gone" in mermaid(broken)


def test_a_long_name_is_cut_to_fit_and_kept_whole_as_a_tooltip(sample_text: str) -> None:
    name = "Assessment by an expert assessor in the assessment centre"
    root = drawn(svg(parse(sample_text.replace("name: Assessment", f"name: {name}"), file="")))

    (cut,) = [node for node in root.iter(f"{SVG}text") if (node.text or "").startswith("Assessment by")]
    assert cut.text is not None
    assert cut.text.endswith("…")
    assert cut.findtext(f"{SVG}title") == name


@pytest.mark.parametrize("draw", [mermaid, svg, description])
def test_a_diagram_says_which_workflow_an_outcome_starts(draw: Callable[[Workflow], str]) -> None:
    urgent = "{id: urgent, name: Urgent, do: [{effect: start, workflow: fast_track}], end: {state: closed}}"
    text = f"key: x\nname: X\nstart: a\nstages:\n  - {{id: a, name: A, see: [], outcomes: [{urgent}]}}\n"

    assert "starts fast track" in draw(parse(text, file="x.yaml"))
