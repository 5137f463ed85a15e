"""The letters of every service: each is sent by something, and says the same in every language."""

from datetime import UTC, date, datetime

import pytest
from tests.services.conftest import SERVICES, PublishService

from moothall.core.accounts.actions import system_user
from moothall.core.council import settings as council
from moothall.core.council.settings import Council
from moothall.domain.cases import actions, communications, online
from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.messages import templates
from moothall.domain.messages.models import Message as Written
from moothall.domain.people import actions as people
from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.workflow.definition import Message, Request

TRANSLATED = [
    pytest.param(service, key, id=f"{service}-{key}")
    for service, read in SERVICES.items()
    for key in read.letters
    if "." in key
]


def _sent(service: Bundle) -> set[str]:
    sent = {
        online.RECEIPT,
        *(message.template for arrival in service.manifest.arrivals for message in arrival.messages),
    }
    sent |= {one.template for one in service.manifest.acknowledgements}
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


LINKED = ["acknowledgement", "missing_information", "missing_information_reminder", "payment_request"]
LINKED += ["replacement_payment_request"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "cy"])
@pytest.mark.parametrize("letter", LINKED)
def test_a_letter_promises_pages_to_the_public_only_where_the_council_has_an_address_for_them(
    publish_service: PublishService, letter: str, language: str
) -> None:
    by, at = system_user(), datetime(2026, 3, 4, 10, tzinfo=UTC)
    person = PersonDetails(first_names="Ann", last_name="Example", date_of_birth=date(1950, 5, 5), language=language)
    customer = people.create_person(
        person,
        address=AddressLines(line1="4 Sample Street", town="Exampleton", postcode="EX1 2AB"),
        contacts=[Contact(type="email", value="ann@example.org")],
        by=by,
        at=at,
    )
    service = publish_service("blue_badge")
    case = actions.open_case(service=service, type="new", source="phone", customer=customer, by=by, at=at, start=False)

    def written(**settings: str) -> str:
        reached = {"email": "contact@example.org", "phone": "0300 000 0000"}
        council.write(Council(**reached, **settings), by=by, at=at)  # type: ignore[arg-type]
        communications.send_by_rule(case, letter, channels=["letter"], by=by, at=at)
        return Written.objects.latest("pk").html

    without, promised = written(), written(public_url="https://my.example.org/")

    assert "<a " not in without
    assert "nline" not in without
    assert "contact@example.org" in without
    assert "0300 000 0000" in without
    assert f'href="https://my.example.org/cases/{case.reference}"' in promised
