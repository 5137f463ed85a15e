"""The ways a case may have gone through a service's workflows, drawn at random: what a large example is made of."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import Membership, SecurityGroup
from moothall.domain.cases.worklist import TERMINAL
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.manifest import CaseType, Manifest
from moothall.domain.catalogue.models import Service
from moothall.domain.workflow import machine, published
from moothall.domain.workflow.definition import Outcome, Stage, Workflow

LONGEST = 12
DRAWN = 40  # walks drawn to each stage and each end
PICKED = 100  # people in the tuple that somebody is picked from


@dataclass(frozen=True, slots=True)
class Step:
    """A stay in a stage that is over. `text` and `detail` are its line of the timeline, ready for COPY."""

    stage: int
    outcome: str
    text: str
    detail: str
    people: tuple[int, ...]  # who may have chosen it


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a case went. `at` is the stage it stands at; None when it ended in `end`."""

    service: int
    service_version: int
    prefix: str
    type: str
    opened: tuple[str, str]  # text and detail of the timeline's first line
    version: int
    steps: tuple[Step, ...]
    at: int | None
    name: str  # of the stage it stands at
    end: str
    has_target: bool
    wakes_on: str  # as an array in SQL
    people: tuple[int, ...]  # who may act on it now; none at a stage that goes on by itself
    tags: frozenset[str]  # put on by outcomes
    team: int | None


@dataclass(frozen=True)
class Ways:
    """All drawn walks of a service, `closed` and `open`, each with a weight."""

    prefix: str
    sources: tuple[str, ...]
    tags: tuple[str, ...]  # of cases, that no outcome puts on
    may_be_terminal: bool
    open: tuple[tuple[Walk, ...], tuple[float, ...]]
    closed: tuple[tuple[Walk, ...], tuple[float, ...]]


def drawn(chance: random.Random) -> list[Ways]:
    """The ways through every service in force that somebody works for."""
    people = _people(chance)
    services = Service.objects.exclude(current=None).order_by("pk")
    return [_ways(service, people, chance) for service in services if _worked(service, people)]


def _worked(service: Service, people: dict[str, list[int]]) -> bool:
    assert service.current_id is not None
    return any(group.key in people for group in catalogue.manifest(service.current_id).groups)


def escaped(text: str) -> str:
    """A value as COPY reads it."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def array(values: Sequence[str]) -> str:
    """Keys as an array in SQL."""
    return "{" + ",".join(values) + "}"


def _people(chance: random.Random) -> dict[str, list[int]]:
    """Who is in which group; some people do far more than others."""
    found: dict[str, list[int]] = {}
    for group, user in Membership.objects.filter(user__is_active=True).values_list("group__key", "user").order_by("pk"):
        found.setdefault(group, []).append(user)
    return {
        group: chance.choices(members, [1 / place for place in range(1, len(members) + 1)], k=PICKED)
        for group, members in found.items()
    }


def _ways(service: Service, people: dict[str, list[int]], chance: random.Random) -> Ways:
    assert service.current_id is not None
    manifest = catalogue.manifest(service.current_id)
    open_: dict[Walk, float] = {}
    closed: dict[Walk, float] = {}
    for rank, kind in enumerate((one for one in manifest.case_types if one.workflow), 1):
        for walk, likely in _Drawing(service, manifest, kind, people, chance).walks():
            (closed if walk.at is None else open_)[walk] = likely / rank**1.5
    ruled = {TERMINAL, *(tag for walk in (*open_, *closed) for tag in walk.tags)}
    return Ways(
        prefix=service.prefix,
        sources=tuple(source.key for source in manifest.sources),
        tags=tuple(tag.key for tag in manifest.tags if tag.applies_to == "case" and tag.key not in ruled),
        may_be_terminal=any(tag.key == TERMINAL for tag in manifest.tags),
        open=(tuple(open_), tuple(open_.values())),
        closed=(tuple(closed), tuple(closed.values())),
    )


class _Drawing:
    """The walks of one case type."""

    def __init__(
        self,
        service: Service,
        manifest: Manifest,
        kind: CaseType,
        people: dict[str, list[int]],
        chance: random.Random,
    ) -> None:
        assert service.current_id is not None
        assert kind.workflow is not None
        self.service, self.kind, self.people, self.chance = service, kind, people, chance
        self.manifest = manifest
        self.version = catalogue.workflow_version(service.current_id, kind.workflow)
        self.flow: Workflow = published.workflow(self.version)
        self.teams = dict(SecurityGroup.objects.values_list("key", "pk"))
        self.system = system_user().pk

    def walks(self) -> Iterator[tuple[Walk, float]]:
        """Walks that stand at each stage and walks to an end, each with how likely it is."""
        standing: dict[str, list[Walk]] = {}
        ended: list[Walk] = []
        for _ in range(DRAWN * len(self.flow.stages)):
            taken, stage = self._drawn()
            if stage is None:
                ended.append(self._walk(taken, None))
            for length in range(len(taken) + (stage is not None)):
                here = taken[length][0] if length < len(taken) else stage
                assert here is not None
                if len(known := standing.setdefault(here.id, [])) < DRAWN:
                    known.append(self._walk(taken[:length], here))
        for place, stage in enumerate((one for one in self.flow.stages if one.id in standing), 1):
            straight = [0.3 ** len(walk.steps) for walk in standing[stage.id]]  # few go round and round
            likely = (0.02 if stage.automatic else 1.0) / place**1.5 / sum(straight)
            yield from ((walk, likely * each) for walk, each in zip(standing[stage.id], straight, strict=True))
        yield from ((walk, 0.7 ** len(walk.steps)) for walk in ended)

    def _drawn(self) -> tuple[list[tuple[Stage, Outcome]], Stage | None]:
        """Outcomes chosen from the start until an end, or a stage that has none or is far along."""
        taken: list[tuple[Stage, Outcome]] = []
        stage = self.flow.stage(self.flow.start)
        while len(taken) < LONGEST and stage.outcomes:
            outcome = self.chance.choice(stage.outcomes)
            taken.append((stage, outcome))
            if outcome.to is None:
                return taken, None
            stage = self.flow.stage(outcome.to)
        return taken, stage

    def _walk(self, taken: list[tuple[Stage, Outcome]], stage: Stage | None) -> Walk:
        tags: set[str] = set()
        for _, outcome in taken:
            tags = (tags | set(outcome.tags.case.set)) - set(outcome.tags.case.remove)
        last = taken[-1][1].end if taken else None
        assert self.service.current_id is not None
        see = stage.see if stage else ()
        return Walk(
            service=self.service.pk,
            service_version=self.service.current_id,
            prefix=self.service.prefix,
            type=self.kind.key,
            opened=(escaped(f"Case opened: {self.kind.label}."), f'{{"type": "{self.kind.key}"}}'),
            version=self.version,
            steps=tuple(self._step(*each) for each in taken),
            at=published.stage_row(self.version, stage.id).pk if stage else None,
            name=escaped(stage.name) if stage else "",
            end="" if stage or last is None else last.state,
            has_target=stage is not None and stage.target is not None,
            wakes_on=array(sorted(machine.depends_on(self.flow, stage.id))) if stage else "{}",
            people=self._who(stage.progress) if stage else (),
            tags=frozenset(tags),
            team=next((self.teams[key] for key in see if key in self.teams), None),
        )

    def _step(self, stage: Stage, outcome: Outcome) -> Step:
        row = published.stage_row(self.version, stage.id).pk
        there = self.flow.stage(outcome.to).name if outcome.to else ""
        where = f"Now at {there}." if there else f"{self.flow.name} ended."
        detail = {
            "workflow": self.flow.key,
            "stage": stage.id,
            "stage_row": row,
            "outcome": outcome.id,
            "note": "",
        }
        if outcome.to:
            detail["to_stage_row"] = published.stage_row(self.version, outcome.to).pk
        return Step(
            stage=row,
            outcome=outcome.id,
            text=escaped(f"{stage.name}: {outcome.name}. {where}"),
            detail=escaped(json.dumps(detail)),
            people=self._who(outcome.groups or stage.progress) or (self.system,),
        )

    def _who(self, groups: Sequence[str]) -> tuple[int, ...]:
        return tuple(person for group in groups[:1] for person in self.people.get(group, ()))
