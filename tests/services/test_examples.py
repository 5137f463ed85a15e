"""Every service that comes with the product loads without a fault, and its examples come out as they say."""

import pytest
from tests.services.conftest import SERVICES, PublishService
from tests.services.player import play

from moothall.domain.catalogue import checks

EXAMPLES = [
    pytest.param(service, key, id=f"{service}-{key}") for service, read in SERVICES.items() for key in read.examples
]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_comes_with_the_product_has_no_fault(service: str) -> None:
    assert checks.check(SERVICES[service]) == []


@pytest.mark.parametrize("service", SERVICES)
def test_the_examples_of_a_service_choose_every_outcome_of_every_stage_name(service: str) -> None:
    chosen = {
        (step.at.rpartition(".")[2], step.choose)
        for example in SERVICES[service].examples.values()
        for step in example.steps
        if step.at and not step.refused
    }
    wanted = {
        (stage.id, outcome.id)
        for workflow in SERVICES[service].workflows.values()
        for stage in workflow.stages
        for outcome in stage.outcomes
        if outcome.id not in {rule.outcome for rule in stage.automatic}
    }

    assert wanted - chosen == set()


@pytest.mark.parametrize(("service", "key"), EXAMPLES)
def test_an_example_comes_out_as_it_says(service: str, key: str, publish_service: PublishService) -> None:
    play(SERVICES[service].examples[key], publish_service(service))
