"""The forms of services at the desk: how each stands and is used, who waits, what did not arrive, a notice instead of one."""

from typing import Any

from django.utils import timezone
from tests.conftest import MakeUser
from tests.desk.conftest import SignInAs
from tests.forms.conftest import Publish, publish
from tests.forms.test_drafts import ANSWERS, KEY

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.forms import actions
from moothall.domain.forms.models import Delivery, Submission

__all__ = ["publish"]
MANAGING = [Permission.SIGN_IN, Permission.MANAGE_SERVICES]


def sent() -> Submission:
    now = timezone.now()
    held = actions.start(KEY, by=None, at=now)
    for page, answers in ANSWERS.items():
        given = {"due": now.date().isoformat()} if page == "when" else answers
        actions.save_page(held.draft.key, page, given, token=held.token, by=None, at=now)
    return actions.submit(held.draft.key, token=held.token, by=None, at=now)


def test_who_looks_after_a_service_sees_its_forms_lets_in_who_waits_and_has_sent_again_what_did_not_arrive(
    publish: Publish, make_user: MakeUser, officer: User, sign_in_as: SignInAs, django_assert_max_num_queries: Any
) -> None:
    publish(("sign_in: optional", "sign_in: optional\ncap: {most: 1, waiting_list: true}"))
    manager = make_user("Fay Forms", "form_managers", permissions=MANAGING, services=["missed_bin"])
    other = make_user("Bo Badges", "badge_managers", permissions=MANAGING, services=["blue_badge"])
    first, waits = sent(), sent()
    actions.start(KEY, by=None, at=timezone.now())
    Delivery.objects.filter(submission=first).update(state="failed", attempts=1, problem="There is no sender.")
    browser, page = sign_in_as(manager), f"/desk/forms/{KEY}/"

    with django_assert_max_num_queries(16):
        listed = browser.get("/desk/forms/").content.decode()
    assert "Report a missed bin" in listed
    assert "Waiting list" in listed
    shown = browser.get(page).content.decode()
    for words in (first.reference, "There is no sender.", waits.reference, "Before the first page: 1", "Which bin was"):
        assert words in shown, words
    assert browser.post(f"{page}let-in/{waits.pk}/").status_code == 302
    waits.refresh_from_db()
    assert (waits.waiting, waits.deliveries.count()) == (False, 1)
    failed = first.deliveries.get()
    assert browser.post(f"{page}retry/{failed.pk}/").status_code == 302
    failed.refresh_from_db()
    assert failed.state == "waiting"
    assert browser.post(f"{page}retry/{waits.deliveries.get().pk}/").status_code == 404, "nothing is wrong with it"

    assert browser.post(page, {"english": "", "welsh": "Yn ôl ddydd Llun."}).status_code == 422
    assert browser.post(page, {"english": "Back on Monday.", "welsh": ""}).status_code == 302
    assert actions.standing(KEY, at=timezone.now()).of("en") == "Back on Monday."
    assert browser.post(page, {"english": "", "welsh": ""}).status_code == 302
    assert actions.standing(KEY, at=timezone.now()).state == "waiting_list"

    stranger = sign_in_as(other)
    assert "Report a missed bin" not in stranger.get("/desk/forms/").content.decode()
    for path in (page, f"{page}retry/{failed.pk}/", f"{page}let-in/{waits.pk}/"):
        assert stranger.post(path).status_code == 404
    assert sign_in_as(officer).get("/desk/forms/").status_code == 403
