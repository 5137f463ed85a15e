"""Pictures of a workflow, drawn from its definition: Mermaid text, and an SVG that stands alone (see `drawing`)."""

from moothall.domain.workflow import drawing
from moothall.domain.workflow.definition import Outcome, Stage, Start, Workflow
from moothall.domain.workflow.drawing import Box, Chart, Way


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


def svg(workflow: Workflow, *, current: str | None = None) -> str:
    """The workflow as a self-contained SVG document; `current` is the id of the stage to light."""
    if current is not None:
        workflow.stage(current)  # a stage that is not there cannot be lit
    boxes = tuple(_box(workflow, stage, current) for stage in workflow.stages)
    told = description(workflow, current=current)
    return drawing.svg(Chart(f"workflow-{workflow.key}", workflow.name, told, workflow.start, boxes))


def _box(workflow: Workflow, stage: Stage, current: str | None) -> Box:
    marks = ["first stage"] if stage.id == workflow.start else []
    marks += _marks(stage, current) + ([f"target {stage.target}"] if stage.target else [])
    return Box(
        stage.id,
        stage.name,
        tuple(marks),
        tuple(_way(workflow, outcome) for outcome in stage.outcomes),
        lit=stage.id == current,
        pale="holding" if stage.holding else "automatic" if stage.automatic else "",
        dashed=bool(stage.automatic),
    )


def _way(workflow: Workflow, outcome: Outcome) -> Way:
    if outcome.end:
        return Way(outcome.name, "", f"■ End: {outcome.end.state}{_starts(outcome)}", ends=True)
    return Way(outcome.name, outcome.to or "", f"{_destination(workflow, outcome)}{_starts(outcome)}")


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
