"""What is checked before a badge is ordered, against the published requests; addresses; photographs."""

import io
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tests.sandbox.bodies import order, with_change
from tests.sandbox.test_published_examples import FOLDER, body_of

from moothall.connectors.dft_blue_badge import addresses, order_rules
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.core.council.settings import Council
from moothall.domain.documents import pictures
from moothall.domain.documents.pictures import NoPicture

pytestmark = [pytest.mark.usefixtures("national"), pytest.mark.django_db]
TODAY = date.today()  # noqa: DTZ011 - the connector's day is the machine's


def complete(body: dict[str, Any]) -> dict[str, Any]:
    """A body with the photograph the council insists on."""
    person = body["party"]["typeCode"] == "PERSON"
    return body | {"imageFile": "aGVsbG8="} if person else body


@pytest.mark.parametrize("kind", ["PIP", "WALKD", "ORG"])
def test_an_order_the_service_takes_has_nothing_to_correct(kind: str) -> None:
    body = complete(order(kind))
    if kind == "ORG":
        del body["eligibilityCode"]

    assert order_rules.order_problems(body, today=TODAY) == []


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("party.contact.buildingStreet", "x" * 51, "The address is too long"),
        ("party.contact.postCode", "GIR 0AA", "postcode"),
        ("party.contact.primaryPhoneNumber", "", "Record a telephone number"),
        ("party.contact.emailAddress", "nobody", "e-mail address"),
        ("party.person.badgeHolderName", "X" * 29, "does not fit on a badge"),
        ("party.person.badgeHolderName", "Łucja Example", "Western European letters"),
        ("party.person.dob", None, "date of birth"),
        ("party.person.nino", "AB12", "National Insurance number"),
        ("party.person.genderCode", "X", "gender"),
        ("startDate", (TODAY - timedelta(days=1)).isoformat(), "start date has passed"),
        ("expiryDate", (TODAY + timedelta(days=1100)).isoformat(), "3 years after"),
        ("expiryDate", (TODAY - timedelta(days=1)).isoformat(), "must not be before"),
        ("deliverToCode", "", "home address or to the council"),
        ("numberOfBadges", 2, "A person has one badge"),
        ("eligibilityCode", "COGNITIVE", "applies in Wales only"),
        ("eligibilityCode", "TERMILL", "does not know the eligibility"),
        ("eligibilityCode", None, "Choose why"),
        ("notForReassessment", True, "only of a person who was assessed"),
        ("applicationChannelCode", "FAX", "source of a case"),
        ("imageFile", None, "Add the photograph"),
        ("localAuthorityShortCode", "", "which authority"),
    ],
)
def test_each_thing_an_officer_must_correct_is_named(path: str, value: Any, sentence: str) -> None:
    found = order_rules.order_problems(with_change(complete(order()), path, value), today=TODAY)

    assert any(sentence in one for one in found), found


def test_fast_track_to_the_council_is_refused() -> None:
    body = complete(order()) | {"deliverToCode": "COUNCIL", "deliveryOptionCode": "FAST"}

    assert order_rules.order_problems(body, today=TODAY) == [
        "Fast track delivery goes to the home address only: choose home, or standard delivery."
    ]


def test_risk_in_traffic_may_be_ordered_in_scotland() -> None:
    assert (
        order_rules.order_problems(
            complete(order()) | {"eligibilityCode": "TRAF_RISK", "notForReassessment": True}, today=TODAY
        )
        == []
    )


def published(folder: str) -> list[Any]:
    names = sorted(path.name for path in (FOLDER / folder).glob("*.json"))
    return [pytest.param(name, id=name[:40]) for name in names]


SERVICE_ALONE_KNOWS = ("11-", "30-")  # a duplicate of what was ordered before; an authority there is not
NATIONS = {"15-": "england", "31-": "england", "19-": "wales", "21-": "northern_ireland"}


@pytest.mark.parametrize("name", published("badge_orders_invalid"))
def test_a_published_order_the_service_refuses_is_stopped_before_it_is_sent(
    name: str, administrator: User, now: datetime
) -> None:
    nation = NATIONS.get(name[:3], "scotland")
    council.write(Council.model_validate({"nation": nation}), by=administrator, at=now)

    found = order_rules.order_problems(complete(body_of("badge_orders_invalid", name)), today=TODAY)

    assert bool(found) != name.startswith(SERVICE_ALONE_KNOWS), found


@pytest.mark.parametrize("name", published("badge_orders_valid"))
def test_a_published_order_the_service_takes_is_let_through(name: str, administrator: User, now: datetime) -> None:
    nation = "wales" if "cognitive" in name and "welsh" in name else "scotland"
    council.write(Council.model_validate({"nation": nation}), by=administrator, at=now)

    assert order_rules.order_problems(complete(body_of("badge_orders_valid", name)), today=TODAY) == []


words = st.text(alphabet="abcdefgh", min_size=1, max_size=14)
lines = st.lists(words, min_size=1, max_size=8).map(" ".join)


@given(street=lines, second=st.one_of(st.just(""), lines), town=st.lists(words, min_size=1, max_size=6).map(", ".join))
def test_an_address_laid_out_again_keeps_every_word_in_order_and_fits_or_is_left_alone(
    street: str, second: str, town: str
) -> None:
    laid_out = addresses.fit(street, second, town)

    assert " ".join(laid_out).replace(",", "").split() == f"{street} {second} {town}".replace(",", "").split()
    assert laid_out.fits or laid_out == (street, second, town)


def test_a_long_line_goes_on_in_the_next_where_a_comma_is() -> None:
    street = "Flat 12, The Old Example Mill House, 145 Demonstration Avenue North"

    assert addresses.fit(street, "", "Exampleton") == (
        "Flat 12, The Old Example Mill House",
        "145 Demonstration Avenue North",
        "Exampleton",
    )


def test_an_address_of_a_hundred_characters_a_line_cannot_fit_and_is_left_to_an_officer() -> None:
    assert not addresses.fit("long " * 19, "line " * 19, "Exampleton").fits


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P", "L", "CMYK"])
def test_any_picture_becomes_a_jpeg_of_sensible_size(mode: str) -> None:
    content = io.BytesIO()
    Image.new(mode, (3000, 2000)).save(content, "JPEG" if mode == "CMYK" else "PNG")

    made = Image.open(io.BytesIO(pictures.sendable(content.getvalue(), name="me.png")))

    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (1200, 800))


def test_a_document_that_is_no_picture_is_refused_by_name() -> None:
    with pytest.raises(NoPicture, match=r"“letter\.pdf” is no picture"):
        pictures.sendable(b"%PDF-1.4 nothing", name="letter.pdf")
