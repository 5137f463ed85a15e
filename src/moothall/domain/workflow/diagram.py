"""Pictures of a workflow, drawn from its definition: Mermaid text, and an SVG that stands alone.

In the SVG a stage is a box with a row for each outcome; the line leaves from the outcome's row, so that every line is
labelled and no label floats. Columns follow the distance from the first stage. What colour says, words say too, and
the description reads the whole flow to whoever cannot see it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from moothall.domain.workflow.definition import Outcome, Stage, Workflow

_WIDTH, _GAP_X, _GAP_Y, _MARGIN = 260, 120, 34, 30
_HEADER, _ROW, _END_HEIGHT = 58, 24, 40
_NAME_LENGTH, _ROW_LENGTH = 30, 38


def mermaid(workflow: Workflow, *, current: str | None = None) -> str:
    """The workflow as a Mermaid flowchart; `current` is the id of the stage to light."""
    lines = ["flowchart LR", f"  start(( )) --> s_{workflow.start}"]
    for stage in workflow.stages:
        label = _quoted(" · ".join((stage.name, *_marks(stage, current))))
        opening, closing = ("([", "])") if stage.automatic else ("[/", "/]") if stage.holding else ("[", "]")
        lines.append(f"  s_{stage.id}{opening}{label}{closing}")
    lines += [f"  e_{state}((({_quoted(state)})))" for state in _end_states(workflow)]
    for stage in workflow.stages:
        for outcome in stage.outcomes:
            if target := _node(outcome):
                lines.append(f"  s_{stage.id} -->|{_quoted(outcome.name)}| {target}")
    if current is not None:
        lines.append(f"  style s_{workflow.stage(current).id} stroke:#0b0c0c,stroke-width:4px,fill:#fff7bf")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A Mermaid label: whatever could mean something to Mermaid or to HTML becomes a numbered entity."""
    safe = "".join(c if c.isalnum() or c in " .,:·-'’?" else f"#{ord(c)};" for c in " ".join(text.split()))
    return f'"{safe}"'


def _marks(stage: Stage, current: str | None) -> list[str]:
    marks = ["automatic"] if stage.automatic else []
    marks += ["holding"] if stage.holding else []
    return marks + (["current stage"] if stage.id == current else [])


def _end_states(workflow: Workflow) -> list[str]:
    ends = (outcome.end.state for stage in workflow.stages for outcome in stage.outcomes if outcome.end)
    return list(dict.fromkeys(ends))


def _node(outcome: Outcome) -> str:
    return f"s_{outcome.to}" if outcome.to else f"e_{outcome.end.state}" if outcome.end else ""


@dataclass(frozen=True, slots=True)
class _Box:
    x: int
    y: int
    height: int
    rank: int


def _ranks(workflow: Workflow) -> dict[str, int]:
    """Each stage's distance from the first; stages nothing leads to, then the ends, come last."""
    ranks = {workflow.start: 0} if workflow.has_stage(workflow.start) else {}
    waiting = deque(ranks)
    while waiting:
        id = waiting.popleft()
        for outcome in workflow.stage(id).outcomes:
            if outcome.to and outcome.to not in ranks and workflow.has_stage(outcome.to):
                ranks[outcome.to] = ranks[id] + 1
                waiting.append(outcome.to)
    last = max(ranks.values(), default=-1) + 1
    result = {f"s_{stage.id}": ranks.get(stage.id, last) for stage in workflow.stages}
    end_rank = max(result.values(), default=0) + 1
    return result | {f"e_{state}": end_rank for state in _end_states(workflow)}


def _columns(workflow: Workflow, ranks: dict[str, int]) -> list[list[str]]:
    """The nodes of each column, ordered so that each lies near those that lead to it."""
    columns: list[list[str]] = [[] for _ in range(max(ranks.values()) + 1)]
    for node, rank in ranks.items():
        columns[rank].append(node)
    sources: dict[str, list[str]] = {}
    for stage in workflow.stages:
        for outcome in stage.outcomes:
            sources.setdefault(_node(outcome), []).append(f"s_{stage.id}")
    place = {node: float(index) for column in columns for index, node in enumerate(column)}

    def pull(node: str) -> float:
        before = [place[source] for source in sources.get(node, []) if ranks[source] < ranks[node]]
        return sum(before) / len(before) if before else place[node]

    for column in columns[1:]:
        column.sort(key=pull)
        place.update({node: float(index) for index, node in enumerate(column)})
    return columns


def _layout(workflow: Workflow) -> dict[str, _Box]:
    boxes: dict[str, _Box] = {}
    ranks = _ranks(workflow)
    for rank, column in enumerate(_columns(workflow, ranks)):
        y = _MARGIN + 30
        for node in column:
            height = _END_HEIGHT
            if node.startswith("s_"):
                height = _HEADER + _ROW * len(workflow.stage(node.removeprefix("s_")).outcomes) + 8
            boxes[node] = _Box(_MARGIN + rank * (_WIDTH + _GAP_X), y, height, rank)
            y += height + _GAP_Y
    return boxes


def svg(workflow: Workflow, *, current: str | None = None) -> str:
    """The workflow as a self-contained SVG document; `current` is the id of the stage to light."""
    if current is not None:
        workflow.stage(current)  # a stage that is not there cannot be lit
    boxes = _layout(workflow)
    width = max(box.x for box in boxes.values()) + _WIDTH + _MARGIN + 40
    height = max(box.y + box.height for box in boxes.values()) + _MARGIN
    name = f"workflow-{workflow.key}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-labelledby="{name}-title {name}-desc" font-family="Arial, Helvetica, sans-serif">',
        f'<title id="{name}-title">{escape(workflow.name)}</title>',
        f'<desc id="{name}-desc">{escape(description(workflow, current=current))}</desc>',
        f'<defs><marker id="{name}-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8"'
        ' orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#505a5f"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_lines(workflow, boxes, f"{name}-arrow"),
    ]
    for stage in workflow.stages:
        parts += _stage_box(stage, boxes[f"s_{stage.id}"], current, first=stage.id == workflow.start)
    for state in _end_states(workflow):
        parts += _end_box(state, boxes[f"e_{state}"])
    return "\n".join([*parts, "</svg>"]) + "\n"


def description(workflow: Workflow, *, current: str | None = None) -> str:
    """The flow in words: each stage with its marks, and where each outcome leads."""
    sentences = [f"Starts at {_name(workflow, workflow.start)}."]
    for stage in workflow.stages:
        marks = f" ({', '.join(marks)})" if (marks := _marks(stage, current)) else ""
        ways = "; ".join(f"{outcome.name} leads to {_destination(workflow, outcome)}" for outcome in stage.outcomes)
        sentences.append(f"{stage.name}{marks}: {ways or 'no outcomes'}.")
    return " ".join(sentences)


def _name(workflow: Workflow, id: str) -> str:
    return workflow.stage(id).name if workflow.has_stage(id) else id


def _destination(workflow: Workflow, outcome: Outcome) -> str:
    if outcome.to:
        return _name(workflow, outcome.to)
    return f"the end, {outcome.end.state}" if outcome.end else "nowhere"


def _lines(workflow: Workflow, boxes: dict[str, _Box], arrow: str) -> Iterator[str]:
    for stage in workflow.stages:
        box = boxes[f"s_{stage.id}"]
        for index, outcome in enumerate(stage.outcomes):
            if target := boxes.get(_node(outcome)):
                x, y = box.x + _WIDTH, box.y + _HEADER + index * _ROW + _ROW // 2
                to_x, to_y = target.x, target.y + min(target.height, _HEADER) // 2
                forward = target.rank > box.rank
                bend = max(60, (to_x - x) // 2) if forward else 90
                dashes = "" if forward else ' stroke-dasharray="6 4"'
                yield (
                    f'<path d="M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}" fill="none"'
                    f' stroke="#505a5f" stroke-width="1.5"{dashes} marker-end="url(#{arrow})"/>'
                )


def _stage_box(stage: Stage, box: _Box, current: str | None, *, first: bool) -> Iterator[str]:
    lit = stage.id == current
    fill = "#fff7bf" if lit else "#f3f2f1" if stage.holding else "#e8f1f8" if stage.automatic else "#ffffff"
    dashes = ' stroke-dasharray="8 4"' if stage.automatic else ""
    yield f'<g><title>{escape(stage.name)}</title><rect x="{box.x}" y="{box.y}" width="{_WIDTH}"'
    yield f' height="{box.height}" rx="6" fill="{fill}" stroke="#0b0c0c" stroke-width="{4 if lit else 1.5}"{dashes}/>'
    yield _text(box.x + 12, box.y + 24, stage.name, _NAME_LENGTH, 'font-size="16" font-weight="bold"')
    marks = (["first stage"] if first else []) + _marks(stage, current)
    marks += [f"target {stage.target}"] if stage.target else []
    yield _text(box.x + 12, box.y + 44, " · ".join(marks), _ROW_LENGTH, 'font-size="12" fill="#505a5f"')
    for index, outcome in enumerate(stage.outcomes):
        y = box.y + _HEADER + index * _ROW
        yield f'<line x1="{box.x}" y1="{y}" x2="{box.x + _WIDTH}" y2="{y}" stroke="#b1b4b6"/>'
        yield _text(box.x + 12, y + 16, outcome.name, _ROW_LENGTH, 'font-size="13"')
    yield "</g>"


def _end_box(state: str, box: _Box) -> Iterator[str]:
    yield f'<g><rect x="{box.x}" y="{box.y}" width="140" height="{box.height}" rx="20" fill="#0b0c0c"/>'
    yield _text(box.x + 20, box.y + 25, f"End: {state}", _ROW_LENGTH, 'font-size="14" fill="#ffffff"')
    yield "</g>"


def _text(x: int, y: int, text: str, longest: int, style: str) -> str:
    """A line of text, cut to fit with the whole of it as its tooltip."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return f'<text x="{x}" y="{y}" {style}>{escape(line)}</text>'
    cut = escape(line[: longest - 1].rstrip())
    return f'<text x="{x}" y="{y}" {style}>{cut}…<title>{escape(line)}</title></text>'
