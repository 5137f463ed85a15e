"""The letters of every service: each is sent by something, and says the same in every language."""

import pytest
from tests.services.conftest import SERVICES

from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.messages import templates
from moothall.domain.workflow.definition import Message, Request

TRANSLATED = [
    pytest.param(service, key, id=f"{service}-{key}")
    for service, read in SERVICES.items()
    for key in read.letters
    if "." in key
]


def _sent(service: Bundle) -> set[str]:
    sent = {message.template for arrival in service.manifest.arrivals for message in arrival.messages}
    for workflow in service.workflows.values():
        for effect in (e for stage in workflow.stages for outcome in stage.outcomes for e in outcome.do):
            if isinstance(effect, Message):
                sent.add(effect.template)
            elif isinstance(effect, Request) and effect.reminder:
                sent.add(effect.reminder)
    return sent


@pytest.mark.parametrize("service", SERVICES)
def test_every_letter_of_a_service_is_sent_by_something(service: str) -> None:
    written = {key.partition(".")[0] for key in SERVICES[service].letters}

    assert written - _sent(SERVICES[service]) == set()


@pytest.mark.parametrize(("service", "key"), TRANSLATED)
def test_a_translated_letter_uses_the_placeholders_of_the_original(service: str, key: str) -> None:
    letters = SERVICES[service].letters
    original, translated = letters[key.partition(".")[0]], letters[key]

    assert translated.language == key.partition(".")[2]
    assert templates.uses(translated.body) == templates.uses(original.body)
