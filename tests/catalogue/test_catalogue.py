"""Services as files: read, checked as a whole, published as versions, exported as they were."""

from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from tests.progress.conftest import FILES, WORKFLOW

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.lists.models import List, Tag, Value
from moothall.domain.catalogue import actions, bundle, catalogue, checks
from moothall.domain.catalogue.models import ServiceVersion
from moothall.domain.messages.models import TemplateVersion
from moothall.domain.workflow.definition import Faulty
from moothall.domain.workflow.models import WorkflowVersion


def faults(**changed: str) -> list[str]:
    """The faults of the test service with files changed, `/` and `.` written as `__` and `_`."""
    names = {name.replace("/", "__").replace(".", "_"): name for name in FILES}
    files = FILES | {names.get(name, name): text for name, text in changed.items()}
    try:
        return [str(fault) for fault in checks.check(bundle.parse(files))]
    except Faulty as error:
        return [str(fault) for fault in error.faults]


@pytest.fixture(autouse=True)
def read_afresh() -> None:
    catalogue.forget()


def test_a_service_whose_parts_fit_together_has_no_faults() -> None:
    assert faults() == []


def test_a_file_that_has_no_place_in_a_service_is_a_fault() -> None:
    files = FILES | {"notes.txt": "hello", "workflows/deeper/more.yaml": "x: 1"}

    with pytest.raises(Faulty) as found:
        bundle.parse(files)

    assert sorted(fault.file for fault in found.value.faults) == ["notes.txt", "workflows/deeper/more.yaml"]


def test_faults_of_all_files_come_at_once() -> None:
    found = faults(service_yaml="key: permits\n", lists__zones_yaml="name: [", letters__chase_html="no front matter")

    assert {line.split(":")[0] for line in found} == {"service.yaml", "lists/zones.yaml", "letters/chase.html"}


def test_a_workflow_named_otherwise_than_its_file_is_a_fault() -> None:
    assert any(
        "the file is named" in line
        for line in faults(workflows__permit_yaml=WORKFLOW.replace("key: permit", "key: other"))
    )


def test_a_case_type_whose_workflow_does_not_exist_is_a_fault() -> None:
    found = faults(service_yaml=FILES["service.yaml"].replace("workflow: permit", "workflow: nothing"))

    assert found == ["service.yaml case_types.new.workflow: There is no workflow “nothing” in this service."]


def test_an_arrival_rule_that_names_what_is_not_there_is_a_fault() -> None:
    found = faults(service_yaml=FILES["service.yaml"] + "arrivals:\n  - {types: [old], sources: [fax], tags: [blue]}\n")

    assert len(found) == 3


def test_a_letter_with_an_unknown_placeholder_is_a_fault_and_so_is_a_paragraph() -> None:
    letter = FILES["letters/chase.html"].replace("Please", "{{ pleese }}")
    zones = FILES["lists/zones.yaml"].replace("label: North", "label: North, text: '<p>{{ norht }}</p>'")

    found = faults(letters__chase_html=letter, lists__zones_yaml=zones)

    assert [line.split(":")[0] for line in found] == ["letters/chase.html", "lists/zones.yaml values.north.text"]


def test_an_effect_that_asks_a_letter_for_what_it_lacks_is_a_fault() -> None:
    effect = (
        "- {effect: message, template: chase, channels: [email, letter], list: missing}\n          - effect: request"
    )
    letter = FILES["letters/chase.html"].replace("---\n<p>", "channels: [letter]\n---\n<p>")

    found = faults(workflows__permit_yaml=WORKFLOW.replace("- effect: request", effect), letters__chase_html=letter)

    assert [line for line in found if "not written for email" in line]
    assert [line for line in found if "{{ paragraphs }}" in line]


def test_publishing_makes_lists_tags_groups_letters_and_workflows(administrator: User, noon: datetime) -> None:
    version = actions.publish(bundle.parse(FILES), by=administrator, at=noon)

    assert version.number == 1
    assert version.service.current == version
    assert list(Value.objects.filter(list__key="permits.zones").values_list("key", flat=True)) == ["north", "south"]
    assert Tag.objects.get(key="payment", applies_to="case").system
    assert SecurityGroup.objects.get(key="blue_badge_officers").services == ["permits"]
    assert TemplateVersion.objects.get(template__key="permits.chase").subject == "We still need something"
    assert set(version.workflows.values_list("workflow__key", flat=True)) == {"permits.permit", "permits.extra"}


def test_a_value_a_list_no_longer_has_is_retired_and_not_removed(administrator: User, noon: datetime) -> None:
    actions.publish(bundle.parse(FILES), by=administrator, at=noon)
    fewer = FILES | {"lists/zones.yaml": "name: Zones\nvalues:\n  - {key: south, label: South side}\n"}

    actions.publish(bundle.parse(fewer), by=administrator, at=noon)

    north, south = (Value.objects.get(list__key="permits.zones", key=key) for key in ("north", "south"))
    assert north.retired_on == noon.date()
    assert (south.label, south.retired_on) == ("South side", None)


def test_what_a_new_version_calls_otherwise_stays_the_same_list_and_tag(administrator: User, noon: datetime) -> None:
    actions.publish(bundle.parse(FILES), by=administrator, at=noon)
    before = [
        *List.objects.order_by("pk").values_list("pk", "key"),
        *Tag.objects.order_by("pk").values_list("pk", "key"),
    ]
    Tag.objects.filter(key="payment").update(label="Once called this", system=False, retired_on=noon.date())
    renamed = FILES | {"lists/zones.yaml": FILES["lists/zones.yaml"].replace("Zones", "Areas")}

    actions.publish(bundle.parse(renamed), by=administrator, at=noon)

    assert [
        *List.objects.order_by("pk").values_list("pk", "key"),
        *Tag.objects.order_by("pk").values_list("pk", "key"),
    ] == before
    assert List.objects.get(key="permits.zones").name == "Areas"
    tag = Tag.objects.get(key="payment")
    assert (tag.label != "Once called this", tag.system, tag.retired_on) == (True, True, noon.date())


def test_a_tag_of_two_services_is_of_both_and_one_shared_by_all_stays_so(administrator: User, noon: datetime) -> None:
    actions.publish(bundle.parse(FILES), by=administrator, at=noon)
    for services in (["other"], []):
        Tag.objects.filter(key="payment").update(services=services)
        renamed = FILES | {"lists/zones.yaml": FILES["lists/zones.yaml"].replace("Zones", f"Areas {len(services)}")}
        actions.publish(bundle.parse(renamed), by=administrator, at=noon)
        assert Tag.objects.get(key="payment").services == ([*services, "permits"] if services else [])


def test_a_change_of_one_workflow_leaves_the_others_on_their_version(administrator: User, noon: datetime) -> None:
    actions.publish(bundle.parse(FILES), by=administrator, at=noon)
    changed = FILES | {"workflows/permit.yaml": WORKFLOW.replace("name: Check", "name: First look")}

    second = actions.publish(bundle.parse(changed), by=administrator, at=noon)

    numbers = dict(second.workflows.values_list("workflow__key", "number"))
    assert (second.number, numbers) == (2, {"permits.permit": 2, "permits.extra": 1})


def test_a_group_the_council_has_keeps_its_permissions(officer: User, administrator: User, noon: datetime) -> None:
    before = SecurityGroup.objects.get(key="blue_badge_officers").permissions

    actions.publish(bundle.parse(FILES), by=administrator, at=noon)

    assert SecurityGroup.objects.get(key="blue_badge_officers").permissions == before


@pytest.mark.parametrize("table", ["catalogue_serviceversion", "workflow_workflowversion", "workflow_stage"])
def test_a_published_version_cannot_be_changed_even_by_sql(administrator: User, noon: datetime, table: str) -> None:
    from django.db import connection

    actions.publish(bundle.parse(FILES), by=administrator, at=noon)

    for statement in (f"UPDATE {table} SET id = id + 1000", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert WorkflowVersion.objects.exists()


def test_what_is_exported_is_what_was_loaded(tmp_path: Path, administrator: User, noon: datetime) -> None:
    actions.publish(bundle.parse(FILES), by=administrator, at=noon)

    call_command("services", "export", "permits", str(tmp_path), stdout=StringIO())

    assert bundle.read_folder(tmp_path) == FILES
    actions.publish(bundle.parse(bundle.read_folder(tmp_path)), by=administrator, at=noon)
    assert ServiceVersion.objects.count() == 1


def test_check_names_every_fault_and_fails(tmp_path: Path) -> None:
    (tmp_path / "service.yaml").write_text("key: 1\n")
    errors = StringIO()

    with pytest.raises(CommandError, match="faults found"):
        call_command("services", "check", str(tmp_path), stderr=errors)

    assert "service.yaml" in errors.getvalue()


def test_a_folder_without_a_manifest_and_a_file_that_is_not_text_are_faults(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match=r"no service\.yaml"):
        bundle.read_folder(tmp_path)

    (tmp_path / "service.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Faulty, match="not UTF-8"):
        bundle.read_folder(tmp_path)
