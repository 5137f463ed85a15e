"""Pictures of a workflow, drawn from its definition: Mermaid text, and an SVG that stands alone.

In the SVG a stage is a box with a row for each outcome, and the row says where the outcome leads. Columns follow the
distance from the first stage; a line is drawn where an outcome goes on to the next column, so that lines never cross
a box; ways back and within a column are told by their row alone. What colour says, words say too, and the description
reads the whole flow to whoever cannot see it.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from moothall.domain.workflow.definition import Outcome, Stage, Start, Workflow

_WIDTH, _GAP_X, _GAP_Y, _MARGIN = 270, 110, 34, 30
_HEADER, _ROW = 58, 42
_NAME_LENGTH, _ROW_LENGTH = 28, 38


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
                lines.append(f"  s_{stage.id} -->|{_quoted(f'{outcome.name}{_starts(outcome)}')}| {target}")
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
    """Each stage's distance from the first, so that no outcome skips a column; what nothing leads to comes last."""
    ranks = {workflow.start: 0} if workflow.has_stage(workflow.start) else {}
    waiting = deque(ranks)
    while waiting:
        id = waiting.popleft()
        for outcome in workflow.stage(id).outcomes:
            if outcome.to and outcome.to not in ranks and workflow.has_stage(outcome.to):
                ranks[outcome.to] = ranks[id] + 1
                waiting.append(outcome.to)
    last = max(ranks.values(), default=-1) + 1
    return {stage.id: ranks.get(stage.id, last) for stage in workflow.stages}


def _columns(workflow: Workflow, ranks: dict[str, int]) -> list[list[str]]:
    """The stages of each column, ordered so that each lies near those that lead to it."""
    columns: list[list[str]] = [[] for _ in range(max(ranks.values()) + 1)]
    for id, rank in ranks.items():
        columns[rank].append(id)
    place: dict[str, float] = {id: index for index, id in enumerate(columns[0])}
    sources: dict[str, list[float]] = {}
    for before, column in zip([[], *columns], columns, strict=False):
        for id in before:
            outcomes = workflow.stage(id).outcomes
            for index, outcome in enumerate(outcomes):
                sources.setdefault(outcome.to or "", []).append(place[id] + index / len(outcomes))
        pull = {id: sum(sources[id]) / len(sources[id]) if id in sources else len(column) for id in column}
        column.sort(key=pull.__getitem__)
        place.update({id: index for index, id in enumerate(column)})
    return columns


def _layout(workflow: Workflow) -> dict[str, _Box]:
    boxes: dict[str, _Box] = {}
    for rank, column in enumerate(_columns(workflow, _ranks(workflow))):
        y = _MARGIN
        for id in column:
            height = _HEADER + _ROW * len(workflow.stage(id).outcomes)
            boxes[id] = _Box(_MARGIN + rank * (_WIDTH + _GAP_X), y, height, rank)
            y += height + _GAP_Y
    return boxes


def svg(workflow: Workflow, *, current: str | None = None) -> str:
    """The workflow as a self-contained SVG document; `current` is the id of the stage to light."""
    if current is not None:
        workflow.stage(current)  # a stage that is not there cannot be lit
    boxes = _layout(workflow)
    width = max(box.x for box in boxes.values()) + _WIDTH + _MARGIN
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
        parts += _stage_box(workflow, stage, boxes, current)
    return "\n".join([*parts, "</svg>"]) + "\n"


def description(workflow: Workflow, *, current: str | None = None) -> str:
    """The flow in words: each stage with its marks, and where each outcome leads."""
    sentences = [f"Starts at {_name(workflow, workflow.start)}."]
    for stage in workflow.stages:
        marks = f" ({', '.join(marks)})" if (marks := _marks(stage, current)) else ""
        ways = "; ".join(f"{outcome.name} leads to {leads_to(workflow, outcome)}" for outcome in stage.outcomes)
        sentences.append(f"{stage.name}{marks}: {ways or 'no outcomes'}.")
    return " ".join(sentences)


def leads_to(workflow: Workflow, outcome: Outcome) -> str:
    """Where an outcome leads, in words, with the workflows it starts."""
    return f"{_destination(workflow, outcome)}{_starts(outcome)}"


def _name(workflow: Workflow, id: str) -> str:
    return workflow.stage(id).name if workflow.has_stage(id) else id


def _starts(outcome: Outcome) -> str:
    started = [effect.workflow.replace("_", " ") for effect in outcome.do if isinstance(effect, Start)]
    return f", starts {' and '.join(started)}" if started else ""


def _destination(workflow: Workflow, outcome: Outcome) -> str:
    if outcome.to:
        return _name(workflow, outcome.to)
    return f"the end, {outcome.end.state}" if outcome.end else "nowhere"


def _lines(workflow: Workflow, boxes: dict[str, _Box], arrow: str) -> Iterator[str]:
    for stage in workflow.stages:
        box = boxes[stage.id]
        for index, outcome in enumerate(stage.outcomes):
            target = boxes.get(outcome.to or "")
            if target and target.rank > box.rank:
                x, y = box.x + _WIDTH, box.y + _HEADER + index * _ROW + _ROW // 2
                to_y, bend = target.y + _HEADER // 2, _GAP_X // 2
                yield (
                    f'<path d="M{x} {y}C{x + bend} {y} {target.x - bend} {to_y} {target.x} {to_y}" fill="none"'
                    f' stroke="#505a5f" stroke-width="1.5" marker-end="url(#{arrow})"/>'
                )


def _stage_box(workflow: Workflow, stage: Stage, boxes: dict[str, _Box], current: str | None) -> Iterator[str]:
    box, lit = boxes[stage.id], stage.id == current
    fill = "#fff7bf" if lit else "#f3f2f1" if stage.holding else "#e8f1f8" if stage.automatic else "#ffffff"
    dashes = ' stroke-dasharray="8 4"' if stage.automatic else ""
    yield f'<g><title>{escape(stage.name)}</title><rect x="{box.x}" y="{box.y}" width="{_WIDTH}"'
    yield f' height="{box.height}" rx="6" fill="{fill}" stroke="#0b0c0c" stroke-width="{4 if lit else 1.5}"{dashes}/>'
    yield _text(box.x + 12, box.y + 24, stage.name, _NAME_LENGTH, 'font-size="16" font-weight="bold"')
    marks = ["first stage"] if stage.id == workflow.start else []
    marks += _marks(stage, current) + ([f"target {stage.target}"] if stage.target else [])
    if marks:
        yield _text(box.x + 12, box.y + 44, " · ".join(marks), _ROW_LENGTH + 6, 'font-size="12" fill="#505a5f"')
    for index, outcome in enumerate(stage.outcomes):
        y = box.y + _HEADER + index * _ROW
        yield f'<line x1="{box.x}" y1="{y}" x2="{box.x + _WIDTH}" y2="{y}" stroke="#b1b4b6"/>'
        yield _text(box.x + 12, y + 17, outcome.name, _ROW_LENGTH, 'font-size="13"')
        yield _text(
            box.x + 12, y + 34, _way(workflow, outcome, boxes, box), _ROW_LENGTH, 'font-size="12" fill="#505a5f"'
        )
    yield "</g>"


def _way(workflow: Workflow, outcome: Outcome, boxes: dict[str, _Box], box: _Box) -> str:
    if outcome.end:
        return f"■ End: {outcome.end.state}{_starts(outcome)}"
    target = boxes.get(outcome.to or "")
    columns_on = target.rank - box.rank if target else 1
    arrow = "→" if columns_on > 0 else "←" if columns_on < 0 else "↕"
    return f"{arrow} {_destination(workflow, outcome)}{_starts(outcome)}"


def _text(x: int, y: int, text: str, longest: int, style: str) -> str:
    """A line of text, cut to fit with the whole of it as its tooltip."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return f'<text x="{x}" y="{y}" {style}>{escape(line)}</text>'
    cut = escape(line[: longest - 1].rstrip())
    return f'<text x="{x}" y="{y}" {style}>{cut}…<title>{escape(line)}</title></text>'
