"""A service has its own tags, and those shared by all; what belongs to another is neither offered nor taken."""

from datetime import datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.desk.conftest import OpenCase
from tests.desk.test_case_papers import put
from tests.documents.conftest import document_folder, picture  # noqa: F401

from moothall.core.accounts.models import User
from moothall.core.lists.actions import TagRefused
from moothall.core.lists.models import Tag
from moothall.domain.cases import tagging
from moothall.domain.cases.models import WorkItem
from moothall.domain.documents.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def tags(db: None) -> None:
    """For each kind one tag of another service, and one shared by all."""
    for kind in ("case", "customer", "document"):
        Tag.objects.create(key=f"bin_{kind}", applies_to=kind, label="Bin was missed", services=["missed_bin"])
        Tag.objects.create(key=f"any_{kind}", applies_to=kind, label="Shared by all")


@pytest.mark.usefixtures("tags")
def test_tags_of_other_services_are_offered_nowhere_and_those_shared_by_all_everywhere(
    at_desk: Client, make_case: OpenCase, officer: User
) -> None:
    case = make_case(by=officer)
    item = WorkItem.objects.get(case=case)
    there = f"/desk/cases/{case.reference}"
    pages = [
        at_desk.get(f"{there}/"),
        at_desk.get(f"{there}/documents/"),
        at_desk.get(f"/desk/create/cases/{case.reference}/documents/"),
        at_desk.post(reverse("desk:work_many"), {"do": "tag", "item": f"{item.pk}:{item.version}"}),
        at_desk.get("/desk/work/"),
        at_desk.get(f"/desk/customers/{case.customer_id}/tags/"),
        at_desk.get("/desk/search/"),
    ]
    for page in pages:
        text = page.content.decode()
        assert ("Shared by all" in text, "Bin was missed" in text) == (True, False), page.request["PATH_INFO"]


@pytest.mark.usefixtures("tags")
def test_a_tag_of_another_service_is_refused_when_sent_by_hand_and_can_only_be_taken_off(
    at_desk: Client, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case(by=officer)
    document = put(case, officer, noon)
    there, customer = f"/desk/cases/{case.reference}", f"/desk/customers/{case.customer_id}/tags/"
    at_desk.post(f"{there}/tags/", {"before": "", "tags": ["bin_case"]})
    at_desk.post(f"{there}/documents/{document.pk}/tags/", {"before": "", "tags": ["bin_document"]})
    at_desk.post(f"{there}/documents/upload/", {"uploads": _file(), "tags": ["bin_document"]})
    at_desk.post(customer, {"tags": ["bin_customer"]})
    for kind, tag in (("case", tagging.tag_case), ("customer", tagging.tag_customer)):
        with pytest.raises(TagRefused, match="of another service"):
            tag(case, set=[f"bin_{kind}"], by=officer, at=noon)
    case.refresh_from_db()
    assert (case.tags, case.customer.tags, [one.tags for one in Document.objects.all()]) == ([], [], [[]])

    tagging.tag_case(case, set=["bin_case"], by=officer, at=noon, system=True)
    at_desk.post(f"{there}/tags/", {"before": "bin_case", "tags": ["any_case"]})
    case.refresh_from_db()
    assert case.tags == ["any_case"]


@pytest.mark.usefixtures("service")
def test_tags_that_were_there_before_services_had_their_own_are_those_of_whoever_declares_them() -> None:
    Tag.objects.update(services=[])
    Tag.objects.create(key="any_case", applies_to="case", label="Shared by all")
    step = import_module("moothall.domain.catalogue.migrations.0002_tags_of_services")
    step.fill(apps, None)
    step.fill(apps, None)
    kept = dict(Tag.objects.values_list("key", "services"))
    assert (kept.pop("any_case"), set(map(tuple, kept.values()))) == ([], {("blue_badge",)})


def _file() -> SimpleUploadedFile:
    return SimpleUploadedFile("photo.png", picture("PNG"))
