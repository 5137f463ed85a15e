"""Flags, communication needs, what somebody agreed to, and that they died, at the desk."""

from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from tests.desk.conftest import OpenCase
from tests.desk.pages import Page

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit.models import Access, Entry
from moothall.domain.cases import communications, merged, reviews
from moothall.domain.cases.models import Case, TimelineEntry, WorkItem
from moothall.domain.messages.models import Message, TemplateVersion
from moothall.domain.notifications.models import Notification
from moothall.domain.people import deaths, flags
from moothall.domain.people.models import Change, ContactDetail, Customer, Flag, Person, Preference
from moothall.domain.places import notes
from moothall.domain.places.models import PlaceNote

pytestmark = pytest.mark.django_db
WORK = "/desk/work/"
SECRET = "Threw a chair at an officer."


def may(user: User, *permissions: Permission) -> None:
    group = user.groups.get()
    SecurityGroup.objects.filter(pk=group.pk).update(permissions=[*group.permissions, *permissions])


def day(name: str, given: date) -> dict[str, str]:
    return {f"{name}_0": str(given.day), f"{name}_1": str(given.month), f"{name}_2": str(given.year)}


@pytest.fixture
def case(make_case: OpenCase) -> Case:
    return make_case()


@pytest.fixture
def alma(case: Case) -> Customer:
    return case.customer


def address(customer: Customer, part: str = "") -> str:
    return f"/desk/customers/{customer.pk}/{part}"


def shown(client: Client, where: str) -> str:
    answer = client.get(where)
    assert answer.status_code == 200, where
    return Page.of(answer).text("main")


def test_a_flag_is_shown_at_the_top_of_customer_and_case_reviewed_and_ended_with_a_reason(
    at_desk: Client, officer: User, alma: Customer, case: Case, noon: datetime
) -> None:
    form = {"type": "dog", "said": "Two large dogs in the yard."}
    assert at_desk.post(address(alma, "flags/"), {"type": "dog", "said": ""}).status_code == 422
    assert at_desk.post(address(alma, "flags/"), form).status_code == 302

    flag = Flag.objects.get()
    assert flag.review_on == flags.later(flag.from_date, months=12)
    for where in (address(alma), f"/desk/cases/{case.reference}/", f"/desk/cases/{case.reference}/notes/"):
        assert "Dog: Two large dogs in the yard." in shown(at_desk, where)
    again = flag.from_date + timedelta(days=90)
    reviewed = {"said": "One large dog.", **day("review_on", again)}
    assert at_desk.post(address(alma, f"flags/{flag.pk}/review/"), reviewed).status_code == 302
    flag.refresh_from_db()
    assert (flag.text, flag.review_on, flag.reviewed_by) == ("One large dog.", again, officer)
    assert Flag.pgh_event_model.objects.get(pgh_obj=flag).text == form["said"]  # type: ignore[attr-defined]

    assert at_desk.post(address(alma, f"flags/{flag.pk}/end/"), {"why": ""}).status_code == 422
    assert at_desk.post(address(alma, f"flags/{flag.pk}/end/"), {"why": "They moved away."}).status_code == 302
    assert "large dog" not in shown(at_desk, address(alma))
    assert "They moved away." in shown(at_desk, address(alma, "heed/"))
    assert at_desk.get(address(alma, f"flags/{flag.pk}/end/")).status_code == 404


def test_nobody_without_the_permission_learns_of_a_restricted_flag(
    at_desk: Client, officer: User, manager: User, alma: Customer, case: Case, make_case: OpenCase, noon: datetime
) -> None:
    Change.objects.all().delete()
    flag = flags.set_flag(alma, type="aggressive", said=SECRET, by=manager, at=noon)
    Flag.objects.update(review_on=noon.date())
    note = notes.make(usrn=7, text=SECRET, warning=True, restricted=True, review_on=None, by=manager, at=noon)
    PlaceNote.objects.update(review_on=noon.date())
    case_page = f"/desk/cases/{case.reference}/"
    everywhere = [address(alma), address(alma, "heed/"), address(alma, "timeline/"), case_page, "/desk/reviews/",
        f"{case_page}timeline/", "/desk/reviews/?when=soon"]  # fmt: skip

    def said() -> str:
        return " ".join(shown(at_desk, where) for where in everywhere)

    assert "chair" not in said()
    assert "Aggressive" not in said()
    assert 'value="aggressive"' not in at_desk.get(address(alma, "flags/")).content.decode()
    assert at_desk.post(address(alma, "flags/"), {"type": "aggressive", "said": "X"}).status_code == 422
    for verb in ("review", "end"):
        assert at_desk.post(address(alma, f"flags/{flag.pk}/{verb}/"), {"why": "No."}).status_code == 404
        assert at_desk.get(f"/desk/place-notes/{note.pk}/{verb}/").status_code == 404
    assert not Change.objects.filter(customer=alma.pk).exists()  # what others are told
    assert not Entry.objects.filter(subject_type="customer", action__startswith="flag").exists()
    assert reviews.tell(at=noon + timedelta(days=1)) == 0  # the manager who set it may not see it either
    other = make_case(last_name="Twice").customer
    made = merged.merge(other, alma, chosen=[], reason="Passport.", by=manager, at=noon)
    assert "chair" not in shown(at_desk, address(other))
    assert not Change.objects.filter(fields__contains=["flags"]).exists()
    merged.unmerge(made, reason="No.", by=manager, at=noon)

    may(officer, Permission.SEE_RESTRICTED_FLAGS)
    assert said().count(SECRET) >= 5
    assert reviews.tell(at=noon + timedelta(days=1)) == 1
    assert not Access.objects.filter(via__contains="flag").exists()


def test_what_is_due_is_listed_in_pages_and_told_once_to_whoever_set_it(
    at_desk: Client, officer: User, manager: User, alma: Customer, case: Case, noon: datetime
) -> None:
    today = datetime.now(tz=noon.tzinfo).date()
    said = {"by": officer, "at": noon}
    due, later = (flags.set_flag(alma, type="dog", said=text, **said) for text in ("A dog.", "A cat."))
    ended = flags.set_flag(alma, type="dog", said="A bird.", **said)
    flags.end(ended, why="Flew away.", **said)
    Flag.objects.filter(pk__in=[due.pk, ended.pk]).update(review_on=today - timedelta(days=3))
    Flag.objects.filter(pk=later.pk).update(review_on=today + timedelta(days=20))
    notes.make(usrn=7, text="A gate.", warning=True, review_on=None, **said)
    PlaceNote.objects.update(review_on=today)

    page = shown(at_desk, "/desk/reviews/")
    assert ("A dog." in page, "A gate." in page, "A cat." in page, "A bird." in page) == (True, True, False, False)
    assert page.count("Overdue") == 1
    assert "A cat." in shown(at_desk, "/desk/reviews/?when=soon")
    assert at_desk.get("/desk/reviews/?page=2").status_code == 404

    at = datetime.combine(today, noon.timetz())
    assert (reviews.tell(at=at), reviews.tell(at=at)) == (1, 0)
    told = Notification.objects.get()
    assert (told.user, told.page) == (officer, "reviews")
    assert told.text == "2 flags or notes are due to be looked at again."
    User.objects.filter(pk=officer.pk).update(is_active=False)  # somebody else has to
    Flag.objects.filter(pk=due.pk).update(review_on=today + timedelta(days=1))
    assert reviews.tell(at=at + timedelta(days=1)) == 1
    assert Notification.objects.filter(user=manager).exists()

    note = PlaceNote.objects.get()
    User.objects.filter(pk=officer.pk).update(is_active=True)
    assert (
        at_desk.post(f"/desk/place-notes/{note.pk}/review/", day("review_on", today + timedelta(days=9))).status_code
        == 302
    )
    note.refresh_from_db()
    assert (note.review_on, note.reviewed_by) == (today + timedelta(days=9), officer)


def test_how_to_write_to_somebody_is_said_wherever_a_letter_is_about_to_be_made(
    at_desk: Client, officer: User, alma: Customer, case: Case
) -> None:
    assert at_desk.post(address(alma, "needs/"), {"kind": "other", "said": ""}).status_code == 422
    assert at_desk.post(address(alma, "needs/"), {"kind": "large_print", "said": "18 point"}).status_code == 302
    refused = {"channel": "email", "purpose": "surveys", "agreed": "no", "how": "On the telephone"}
    assert at_desk.post(address(alma, "preferences/"), {**refused, "how": ""}).status_code == 422
    assert at_desk.post(address(alma, "preferences/"), refused).status_code == 302
    Person.objects.filter(pk=alma.pk).update(speaks="polish")
    writing = f"/desk/cases/{case.reference}/messages/new/?channel=letter&to=customer&template="
    for where in (address(alma), f"/desk/cases/{case.reference}/", writing):
        page = shown(at_desk, where)
        assert "How to speak and write to them: Polish; Large print (18 point)" in page
        assert "They do not want to be reached by: E-mail, surveys and consultations" in page

    agreed = {**refused, "agreed": "yes"}
    assert at_desk.post(address(alma, "preferences/"), agreed).status_code == 302
    assert "do not want" not in shown(at_desk, address(alma))
    row = Preference.objects.get(to_date=None)
    assert at_desk.post(address(alma, f"preferences/{row.pk}/withdraw/"), {"how": "By letter"}).status_code == 302
    assert "surveys" not in shown(at_desk, address(alma))
    assert "Taken back on" in shown(at_desk, address(alma, "heed/"))
    assert Preference.objects.count() == 2
    need = alma.needs.get()
    assert at_desk.post(address(alma, f"need/{need.pk}/end/")).status_code == 302


def test_a_death_is_said_on_cases_and_lists_told_to_officers_and_nothing_goes_by_itself(
    at_desk: Client, officer: User, manager: User, alma: Customer, case: Case, noon: datetime
) -> None:
    given = {**day("died_on", noon.date()), "how": "Saw the certificate"}
    assert at_desk.post(address(alma, "death/"), given).status_code == 403
    may(officer, Permission.RECORD_DEATHS)
    Case.objects.update(owner=manager)
    assert case.reference in shown(at_desk, address(alma, "death/"))
    assert at_desk.post(address(alma, "death/"), {**given, **day("died_on", date(2090, 1, 1))}).status_code == 422
    assert at_desk.post(address(alma, "death/"), given).status_code == 302

    for where in (address(alma), f"/desk/cases/{case.reference}/", f"/desk/cases/{case.reference}/timeline/"):
        assert f"ied {noon.date():%-d %B %Y}" in shown(at_desk, where) or "died on" in shown(at_desk, where)
    assert "has died" in shown(at_desk, "/desk/work/?tab=all")
    told = Notification.objects.get(kind="work", user=manager)
    assert (told.text, told.reference) == (f"Whom {case.reference} is for has died.", case.reference)
    assert TimelineEntry.objects.filter(case=case, text__startswith="The customer died on").exists()
    writing = f"/desk/cases/{case.reference}/messages/new/?channel=letter&to=customer&template="
    assert "They died on" in shown(at_desk, writing)

    case = Case.objects.get()
    template = TemplateVersion.objects.filter(channels__contains=["letter"], language="en")[0].template.key
    communications.send_by_rule(case, template, channels=["letter"], by=officer, at=noon)
    kept = Message.objects.latest("pk")
    assert (kept.status, kept.problem) == ("draft", "It was not sent by itself: they have died.")
    assert Notification.objects.filter(user=manager, kind="delivery").exists()
    communications.send_by_rule(case, template, channels=["letter"], looked_at=True, by=officer, at=noon)
    assert Message.objects.latest("pk").status == "queued"

    back = {"died_on_0": "", "died_on_1": "", "died_on_2": "", "how": "Another person of the name"}
    assert at_desk.post(address(alma, "death/"), back).status_code == 302
    assert Person.objects.get(pk=alma.pk).date_of_death is None
    assert "has died" not in shown(at_desk, "/desk/work/?tab=all")
    assert Notification.objects.filter(user=manager, kind="work").count() == 2


def test_an_outcome_chosen_for_many_writes_to_the_living_and_keeps_a_draft_for_who_died(
    at_desk: Client, officer: User, make_case: OpenCase, noon: datetime
) -> None:
    gone, alive = make_case(last_name="Gone"), make_case(last_name="Alive")
    deaths.record(gone.customer, died_on=noon.date(), how="Saw the certificate", by=officer, at=noon)
    items = [f"{one.pk}:{one.version}" for one in WorkItem.objects.filter(case__in=[gone, alive])]
    place = "blue_badge.application/initial_checks/out_of_area"
    given = {"do": "outcome", "chosen": "1", "outcome": place, "note": "They moved away.", "item": items}

    done = Page.of(at_desk.post(f"{WORK}many/", given, follow=True))

    assert "2 of 2 done." in done.text("main")
    told = {message.reference: message for message in Message.objects.all()}
    assert told[alive.reference].status == "queued"
    assert (told[gone.reference].status, told[gone.reference].problem) == (
        "draft",
        "It was not sent by itself: they have died.",
    )


def test_a_slip_of_the_pen_in_a_number_is_put_right_in_place_and_what_stood_there_is_kept(
    at_desk: Client, officer: User, alma: Customer, noon: datetime
) -> None:
    way = ContactDetail.objects.filter(customer=alma, to_date=None).first()
    assert way is not None
    ContactDetail.objects.filter(pk=way.pk).update(verified_at=noon, verified_by=officer, verified_how="Rang.")
    where = address(alma, f"contacts/{way.pk}/correct/")
    given = {"value": "alma.new@example.org", "holder": "", "reason": "Letters were swapped"}

    assert at_desk.post(where, {**given, "reason": ""}).status_code == 422
    assert at_desk.post(where, given).status_code == 302

    now = ContactDetail.objects.get(pk=way.pk)
    assert (now.value, now.normalised, now.from_date) == ("alma.new@example.org", "alma.new@example.org", way.from_date)
    assert now.verified_at is None
    assert ContactDetail.pgh_event_model.objects.filter(pgh_obj=way, value=way.value).exists()  # type: ignore[attr-defined]
