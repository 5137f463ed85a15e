"""Who may do what in each workflow, as tables that somebody has looked at. A change shows here before it is made."""

from pathlib import Path

import pytest
from tests.services.conftest import SERVICES

from moothall.domain.workflow import permits
from moothall.domain.workflow.definition import Workflow

TABLES = Path(__file__).parent / "permits"
WORKFLOWS = [
    pytest.param(service, key, id=f"{service}-{key}") for service, read in SERVICES.items() for key in read.workflows
]
BLUE_BADGE = SERVICES["blue_badge"].workflows


@pytest.mark.parametrize(("service", "key"), WORKFLOWS)
def test_who_may_do_what_is_as_it_was_reviewed(service: str, key: str) -> None:
    table = (TABLES / f"{service}-{key}.md").read_text()

    found = permits.as_markdown(SERVICES[service].workflows[key])

    assert found.strip() == table.strip(), f"Review the difference, then: moothall services permits {service}.{key}"


def _acts(workflow: Workflow, group: str) -> set[tuple[str, str, str]]:
    return {(one.act, one.stage, one.subject) for one in permits.permits(workflow) if one.group == group}


@pytest.mark.parametrize("key", BLUE_BADGE)
def test_the_contact_centre_sees_every_stage_and_progresses_none(key: str) -> None:
    workflow = BLUE_BADGE[key]

    assert _acts(workflow, "blue_badge_viewers") == {("see", stage.id, "") for stage in workflow.stages}


@pytest.mark.parametrize("key", BLUE_BADGE)
def test_expert_assessors_see_expert_assessment_only(key: str) -> None:
    stages = {stage for _, stage, _ in _acts(BLUE_BADGE[key], "blue_badge_assessors")}

    assert stages == ({"expert_assessment"} if key == "application" else set())


@pytest.mark.parametrize("key", ["application", "appeal", "replacement"])
def test_only_managers_waive_the_fee(key: str) -> None:
    place = ("outcome", "payment", "waived")
    may = {one.group for one in permits.permits(BLUE_BADGE[key]) if (one.act, one.stage, one.subject) == place}

    assert may == {"blue_badge_managers"}
