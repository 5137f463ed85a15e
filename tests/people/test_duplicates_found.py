"""People recorded twice are found, with what speaks for it; what was decided of them is remembered."""

import fcntl
import os
import tempfile
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from tests.people.conftest import HOME, MakePerson

from moothall.config.bench import duplicates as bench
from moothall.config.example.known import known
from moothall.config.example.population import Population
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases import merged
from moothall.domain.people import actions
from moothall.domain.people.details import AddressLines, Contact
from moothall.domain.people.golden import changes, comparing, finding, linking, merging, sounds
from moothall.domain.people.models import Change, Customer, LinkRun, Pair, Person

pytestmark = pytest.mark.django_db
APART = AddressLines(line1="9 Model Road", town="Exampleton", postcode="EX1 3AB")


@pytest.fixture
def people(make_person: MakePerson, officer: User, noon: datetime) -> dict[str, Customer]:
    """Margaret twice, her twin, and a father and son of one name."""
    margaret = make_person(first_names="Margaret Ann", last_name="Thistlewick")
    peggy = make_person(first_names="Peggy", last_name="Thistlewick", nino="", address=APART)
    for one in (margaret, peggy):
        actions.set_contact(one, Contact(type="email", value="peggy@example.org"), by=officer, at=noon)
    return {
        "margaret": margaret,
        "peggy": peggy,
        "twin": make_person(first_names="Doris", last_name="Thistlewick", nino="CE123456A"),
        "father": make_person(first_names="John", last_name="Rainwood", nino="", date_of_birth=date(1940, 1, 2)),
        "son": make_person(first_names="John", last_name="Rainwood", nino="", date_of_birth=date(1970, 8, 9)),
    }


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where folders for a while are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_one_recorded_twice_is_found_with_the_evidence_and_others_are_not_and_nothing_is_left_behind(
    people: dict[str, Customer], noon: datetime, scratch: Path
) -> None:
    run = finding.find(everybody=True, at=noon)

    pair = Pair.objects.get()
    assert (pair.first, pair.second) == (people["margaret"], people["peggy"])
    evidence = {
        name: comparing.COMPARISONS[at].levels[place].words
        for at, (name, place, _w) in enumerate(pair.evidence)
        if place >= 0
    }
    assert evidence["given_name"] == "A short or other form of the name"
    assert evidence["email"] == "An address of both"
    assert (run.people, run.found, run.part, run.ended_at) == (5, 1, finding.PARTS, noon)
    assert not list(scratch.iterdir())


def test_what_a_killed_process_left_behind_is_removed_but_not_what_another_works_in(
    noon: datetime, scratch: Path
) -> None:
    left, held = scratch / "moothall-duplicates-left", scratch / "moothall-duplicates-held"
    for folder in (left, held):
        folder.mkdir()
        (folder / "people.duckdb").write_text("AB123456C")
        os.utime(folder, (0, 0))
    (scratch / "moothall-duplicates-new").mkdir()
    by_another = os.open(held, os.O_RDONLY)
    fcntl.flock(by_another, fcntl.LOCK_EX)

    finding.find(everybody=True, at=noon)
    os.close(by_another)

    assert {one.name[-4:] for one in scratch.iterdir()} == {"held", "-new"}


def test_only_who_changed_since_is_compared_next_time_and_what_was_decided_is_not_asked_again(
    people: dict[str, Customer], make_person: MakePerson, officer: User, noon: datetime
) -> None:
    finding.find(everybody=False, at=noon)  # the first is of everybody
    merging.different(Pair.objects.get(), reason="They are cousins.", by=officer, at=noon)
    Person.objects.filter(pk=people["peggy"].pk).update(known_as="Peg")
    again = make_person(first_names="John", last_name="Rainwood", nino="", date_of_birth=date(1940, 1, 2))

    run = finding.find(everybody=False, at=noon + timedelta(days=1))

    assert not run.everybody
    assert set(Pair.objects.filter(state="waiting").values_list("first", "second")) == {(people["father"].pk, again.pk)}
    assert Pair.objects.get(state="different").first == people["margaret"]


def test_a_run_that_was_broken_off_goes_on_after_its_last_part(people: dict[str, Customer], noon: datetime) -> None:
    LinkRun.objects.create(everybody=True, began_at=noon, part=finding.PARTS, parts=finding.PARTS, model="people-2")

    run = finding.find(everybody=False, at=noon)

    assert (run.everybody, run.found, LinkRun.objects.count()) == (True, 0, 1)
    assert not Pair.objects.exists()


def test_everybody_is_compared_when_that_is_asked_though_a_nightly_run_was_broken_off(
    people: dict[str, Customer], noon: datetime
) -> None:
    LinkRun.objects.create(everybody=False, began_at=noon, part=0, parts=1, model="people-2")

    run = finding.find(everybody=True, at=noon + timedelta(hours=1))

    assert (run.everybody, run.found, run.part) == (True, 1, finding.PARTS)
    assert LinkRun.objects.exclude(ended_at=None).count() == 2


def test_those_likely_enough_are_merged_by_themselves_when_the_council_says_so_but_never_with_two_numbers(
    people: dict[str, Customer], noon: datetime
) -> None:
    finding.find(everybody=True, at=noon)
    first, second = people["twin"], people["son"]
    pair = {"probability": 1.0, "model": "people-1", "found_at": noon}
    Pair.objects.create(first=people["margaret"], second=first, **pair)
    Pair.objects.create(first=first, second=second, **pair)

    assert merged.by_themselves(at=noon) == 0
    council.write(finding.Duplicates(merge_from=0.95), by=system_user(), at=noon)
    done = merged.by_themselves(at=noon)

    margaret, twin = (Customer.objects.get(pk=people[name].pk) for name in ("margaret", "twin"))
    assert twin.merged_into is None
    assert margaret.merged_into is None
    assert done == Customer.objects.exclude(merged_into=None).count() > 0
    assert Pair.objects.filter(first=margaret, second=twin, state="waiting").exists()


def test_changes_are_read_in_order_each_once_and_say_which_facts_but_not_what_they_are(
    make_person: MakePerson, officer: User, noon: datetime
) -> None:
    ann, other = make_person(), make_person(nino="", first_names="Annie", address=HOME)
    changes.place()
    assert [one.kind for one in changes.after(0, most=10)] == ["created", "created"]
    # to the triggers a test is one transaction: what is told of it is told in one line a customer
    Change.objects.all().update(written_in=0)
    position = changes.last()
    Person.objects.filter(pk=ann.pk).update(known_as="Nan", surname_key="X")
    actions.set_contact(ann, Contact(type="email", value="a@example.org"), by=officer, at=noon)
    made = merged.merge(ann, other, chosen=[], reason="The same.", by=officer, at=noon)

    assert changes.after(position, most=10) == []
    changes.place()
    told = {(one.kind, one.customer, one.other): one.fields for one in changes.after(position, most=10)}
    assert told["merged", ann.pk, other.pk] == []
    assert {"known_as", "contact_details", "residences"} <= set(told["changed", ann.pk, 0])
    assert "surname_key" not in told["changed", ann.pk, 0]
    position = changes.last()
    merged.unmerge(made, reason="No.", by=officer, at=noon)
    changes.place()
    assert ("unmerged", ann.pk, other.pk) in {
        (one.kind, one.customer, one.other) for one in changes.after(position, most=10)
    }
    old = noon + timedelta(days=400)
    Change.objects.exclude(position=changes.last()).update(at=noon)
    assert changes.forget(at=old) > 0
    with pytest.raises(changes.TooOld, match="read every record anew"):
        changes.after(1, most=10)


def test_the_model_that_comes_with_the_product_finds_nine_of_ten_and_is_right_in_ninety_nine_of_a_hundred() -> None:
    figures = bench.run(bench.Options(records=4_000), say=lambda _: None)

    assert figures["failed"] == []
    assert linking.trained().name == comparing.VERSION


def test_a_population_is_the_same_for_the_same_seed_and_some_are_in_it_again() -> None:
    one, again = (list(known(Population(300, seed=5))) for _ in range(2))

    assert one == again
    assert Counter(row.who for row in one).most_common(1)[0][1] > 1


def test_a_model_is_trained_and_written(tmp_path: Path) -> None:
    call_command("people", "train", str(tmp_path / "model.json"), "--records", "1500")

    assert '"name": "people-2"' in (tmp_path / "model.json").read_text()


@pytest.mark.parametrize(("one", "other"), [("PEGGY", "MARGARET"), ("BILL", "WILLIAM"), ("DAI", "DAVID")])
def test_short_forms_are_of_the_same_family(one: str, other: str) -> None:
    assert set(sounds.forms(one)) & set(sounds.forms(other))


def test_names_that_sound_alike_have_one_code() -> None:
    assert sounds.sound("CLARKE") == sounds.sound("CLARK")
    assert sounds.sound("PHILLIPS") == sounds.sound("FILIPS")
    assert sounds.sound("SMITH") != sounds.sound("JONES")
