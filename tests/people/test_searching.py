"""Customers searched for by whatever is known of them (PPP-16)."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.people.conftest import BORN, MakePerson

from moothall.core.accounts.models import User
from moothall.domain.people import actions, search_ways, searching, told
from moothall.domain.people.actions import OrganisationDetails
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.models import Customer, Person
from moothall.domain.people.models_search import LAST_SLICE, SearchLine
from moothall.domain.people.searching import Question, TooShort
from moothall.domain.places.models import Address
from moothall.kit.invalid import Invalid

pytestmark = pytest.mark.django_db


def found(**asked: object) -> list[str]:
    ids = searching.find(Question(**asked), among=Customer.objects.all(), nearly_all=True).customers  # type: ignore[arg-type]
    return [Customer.objects.get(pk=pk).name for pk in ids]


@pytest.fixture
def people(make_person: MakePerson, officer: User, noon: datetime) -> dict[str, Customer]:
    """Siân O'Brien-Example with everything, Ann Example, and a charity."""
    sian = make_person(first_names="Siân", last_name="O'Brien-Exley", known_as="Shan", name_at_birth="Siân Núñez")
    contacts = [Contact(type="email", value="Sian@example.org"), Contact(type="mobile", value="07700 900123")]
    for contact in contacts:
        actions.set_contact(sian, contact, by=officer, at=noon)
    actions.set_reference(sian, type="council_tax", number="7001-234", by=officer, at=noon)
    ann = make_person(nino="", date_of_birth=date(1971, 2, 3))
    trust = actions.create_organisation(
        OrganisationDetails(name="Exampleton Riders’ Trust", charity_number="1098765", contact_name="Olu Madeup"),
        by=officer,
        at=noon,
    )
    return {"sian": sian, "ann": ann, "trust": trust}


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"name": "sian obrien"}, ["Siân O'Brien-Exley"]),
        ({"name": "O Brien"}, ["Siân O'Brien-Exley"]),
        ({"name": "exley"}, ["Siân O'Brien-Exley"]),
        ({"name": "nunez shan"}, ["Siân O'Brien-Exley"]),
        ({"name": "exa"}, ["Ann Example", "Exampleton Riders’ Trust"]),
        ({"name": "%ders"}, ["Exampleton Riders’ Trust"]),
        ({"name": "%xamp%"}, ["Ann Example", "Exampleton Riders’ Trust"]),
        ({"name": "%ple"}, ["Ann Example"]),
        ({"name": "e"}, ["Ann Example", "Exampleton Riders’ Trust", "Siân O'Brien-Exley"]),
        ({"name": "madeup"}, ["Exampleton Riders’ Trust"]),
        ({"name": "Obryan Shaun", "sounds_like": True}, ["Siân O'Brien-Exley"]),
        ({"date_of_birth": date(1971, 2, 3)}, ["Ann Example"]),
        ({"date_of_birth": BORN, "name": "ann"}, []),
        ({"nino": "ab 12 34 56 c"}, ["Siân O'Brien-Exley"]),
        ({"nino": "%456C"}, ["Siân O'Brien-Exley"]),
        ({"nino": "AB12%"}, ["Siân O'Brien-Exley"]),
        ({"postcode": "ex1 1aa", "name": "ann"}, ["Ann Example"]),
        ({"postcode": "EX1%"}, ["Ann Example", "Siân O'Brien-Exley"]),
        ({"phone": "07700900123"}, ["Siân O'Brien-Exley"]),
        ({"phone": "%0123"}, ["Siân O'Brien-Exley"]),
        ({"phone": "0770%"}, ["Siân O'Brien-Exley"]),
        ({"email": "%@example.org"}, ["Siân O'Brien-Exley"]),
        ({"reference": "7001 234"}, ["Siân O'Brien-Exley"]),
        ({"reference": "%0123%"}, ["Siân O'Brien-Exley"]),
        ({"reference": "1098765"}, ["Exampleton Riders’ Trust"]),
        ({"name": "sian", "email": "sian@%", "phone": "%0123", "postcode": "EX%"}, ["Siân O'Brien-Exley"]),
        ({"name": "%a%", "date_of_birth": date(1971, 2, 3)}, ["Ann Example"]),
    ],
)
def test_whoever_fits_all_that_is_known_is_found(asked: dict[str, object], names: list[str]) -> None:
    assert found(**asked) == names


@pytest.mark.parametrize("asked", [{"name": "%ab%"}, {"name": "%b"}, {"phone": "%7%"}, {"name": ""}])
def test_what_leads_to_no_few_is_refused_with_what_to_add(asked: dict[str, object]) -> None:
    with pytest.raises(TooShort):
        found(**asked)
    for wrong in ({"name": "’"}, {"nino": "12"}, {"phone": "abc"}, {"postcode": "E%1"}, {"email": "%"}):
        with pytest.raises(Invalid):
            found(**wrong)


@pytest.mark.parametrize("sounds_like", [False, True])
def test_o_mc_and_mac_are_read_as_part_of_the_next_name_and_as_names(
    make_person: MakePerson, sounds_like: bool
) -> None:
    whole = ["D Smith", "O Williams", "Mac Jones", "Fred McDonald", "Mac O'Brien"]
    for first_names, last_name in (one.split() for one in whole):
        make_person(first_names=first_names, last_name=last_name, nino="")

    for name in [*whole, "Fred Mc Donald", "mac o brien"]:
        customer = Customer.objects.get(name__iexact=name.replace("Mc D", "McD").replace("o b", "o'b"))
        asked = Question(name=name, sounds_like=sounds_like)
        assert customer.pk in searching.find(asked, among=Customer.objects.all()).customers
        assert told.reasons([customer], asked) == {customer.pk: []}
    assert len(found(name="Mac O Brien", sounds_like=sounds_like)) == 1


def test_a_line_follows_whatever_changes_the_customer(
    people: dict[str, Customer], officer: User, noon: datetime
) -> None:
    sian, later = people["sian"], noon + timedelta(days=30)
    actions.set_address(
        sian, AddressLines(line1="2 New Row", town="Exampleton", postcode="EX9 9ZZ"), by=officer, at=later
    )
    assert found(postcode="EX9 9ZZ") == found(postcode="EX1 1AA", name="sian") == ["Siân O'Brien-Exley"]
    asked = Question(postcode="EX1%", name="shan", phone="%0123")
    assert told.reasons(searching.told([sian.pk], asked), asked)[sian.pk] == [
        "known as Shan",
        "EX1 1AA until 1 April 2026",
        "telephone 07700 900123",
    ]
    Person.objects.filter(pk=sian.pk).update(surname_key="RENAMED", known_as="", name_at_birth="")
    Customer.objects.filter(pk=sian.pk).update(name="Siân Renamed")
    assert found(name="renam") == ["Siân Renamed"]
    assert found(name="exley") == []
    people["trust"].organisation.delete()
    people["trust"].delete()
    assert not SearchLine.objects.filter(pk=people["trust"].pk).exists()


def test_a_search_looks_at_so_many_and_says_that_there_are_more(
    people: dict[str, Customer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "LOOKED_AT", 2)
    monkeypatch.setattr(search_ways, "FEW", 0)
    for dense in (0, 10**6):  # looked up in each slice; along the names
        monkeypatch.setattr(search_ways, "DENSE", dense)
        for asked in (Question(name="e"), Question(name="Exempel", sounds_like=True)):
            answer = searching.find(asked, among=Customer.objects.all(), nearly_all=True)
            assert (len(answer.customers), answer.more) == ((2, True) if asked.name == "e" else (1, False))
        for (
            only
        ) in people.values():  # whoever asks may see one alone: the others are not counted, nor cut in their stead
            answer = searching.find(Question(name="e"), among=Customer.objects.filter(pk=only.pk))
            assert (answer.customers, answer.more) == ([only.pk], False)
        assert searching.find(Question(name="ann"), among=Customer.objects.all()).customers == [people["ann"].pk]


def _slices() -> list[str]:
    """Of all lines in the order of names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT right((people_sliced_grams(name, ' A ', ''))[1], 2) FROM people_searchline ORDER BY name, customer_id"
        )
        return [slice for (slice,) in cursor.fetchall()]


def test_the_last_slice_is_the_last_that_is_looked_into() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT right((people_sliced_grams('Zoë', ' A ', ''))[1], 2)")
        assert cursor.fetchone() == (f"{LAST_SLICE:02x}",)


_WORDS = [
    "Ann",
    "Anna",
    "Joann",
    "Hannah",
    "Ánna",
    "O'Ann",
    "Ann-Marie",
    "Smith",
    "Smyth",
    "Psmith",
    "Zed",
    "zed",
    "Élodie",
    "1st",
    "David",
    "Mary",
]
_ASKED = [
    {"name": "ann"},
    {"name": "%ann%"},
    {"name": "%ann", "email": "%@example.org"},
    {"name": "a"},
    {"name": "z"},
    {"name": "o ann"},
    {"name": "smith", "sounds_like": True},
    {"postcode": "EX%"},
    {"postcode": "EX1%", "name": "%smi%"},
    {"email": "%@example.org"},
]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(*[st.sampled_from(_WORDS)] * 2, st.integers(0, 3)), min_size=1, max_size=12),
    st.sampled_from([Question(**one) for one in _ASKED]),  # type: ignore[arg-type]
    st.tuples(st.integers(0, 6), st.integers(1, 6)),
    st.booleans(),
)
def test_the_same_are_found_in_the_same_order_whichever_way_is_taken(
    people: list[tuple[str, str, int]], asked: Question, page: tuple[int, int], nearly_all: bool
) -> None:
    named = [Customer(kind="person", name=f"{one} {other}", created_at="2026-03-03T12:00Z") for one, other, _ in people]
    rows = Customer.objects.bulk_create(named)
    Person.objects.bulk_create(Person(customer=row, last_name="x", surname_key="") for row in rows)
    address = Address.objects.create(line1="1 Row", town="Exampleton", postcode="EX1 1AA")
    for row, (*_, has) in zip(rows, people, strict=True):
        if has & 1:
            row.residences.create(address=address, from_date=BORN)
        if has & 2:
            row.contact_details.create(type="email", value="a@example.org", normalised="a@example.org", from_date=BORN)
    Customer.objects.filter(pk=rows[0].pk).update(merged_into=rows[-1].pk if len(rows) > 1 else None)
    seen = Customer.objects.filter(merged_into=None)
    assert _slices() == sorted(_slices())
    lines = [SearchLine.objects.get(pk=pk) for pk in seen.order_by("name", "pk").values_list("pk", flat=True)]
    wanted = searching._wanted(asked)
    fit = [
        line.pk
        for line in lines
        if any(all(text in getattr(line, column) for column, text in way.holds) for way in wanted)
    ]
    first, most = page
    with pytest.MonkeyPatch.context() as patch:
        for few, dense, evenly in ((5_000, 0, 0), (0, 0, 0), (0, 10**6, 0), (0, 10**6, 100)):
            patch.setattr(search_ways, "FEW", few)  # few customers read; looked up; walked in vain; walked
            patch.setattr(search_ways, "DENSE", dense)
            patch.setattr(search_ways, "EVENLY", evenly)
            found = searching.find(asked, among=seen, nearly_all=nearly_all, first=first, most=most)
            assert found.customers == fit[first : first + most]
            assert (found.total < len(fit)) if found.more else (found.total == len(fit))


@settings(max_examples=25, deadline=None)
@given(st.text("ABCDEÉ'-’ßøN", min_size=2, max_size=9).filter(lambda text: sum(map(str.isalpha, text)) > 2), st.data())
def test_any_part_of_a_name_finds_it(name: str, data: st.DataObject) -> None:
    customer = Customer.objects.create(kind="organisation", name=name, created_at="2026-03-03T12:00Z")
    folded = searching.fold(name)
    begin = data.draw(st.integers(0, len(folded) - 3)) if len(folded) > 3 else 0
    part = folded[begin : begin + 3]
    with_line = Customer.objects.filter(pk=customer.pk)
    with_line.update(name=f"{name} ")
    assert customer.pk in searching.find(Question(name=f"%{part}%"), among=with_line).customers
