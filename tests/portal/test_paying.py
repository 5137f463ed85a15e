"""A form with a fee leads to the card page and back; what is to be paid is paid from the account, or by whoever has the link."""

from datetime import datetime
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.payments.conftest import pay, running, sandbox
from tests.portal.conftest import link_in
from tests.portal.test_forms import Publish, fill, publish, said

from moothall.domain.cases import actions
from moothall.domain.cases.models import Case
from moothall.domain.citizens import returning
from moothall.domain.forms.models import Submission
from moothall.domain.payments.models import Attempt, Payment
from moothall.sandbox.testing import Running

__all__ = ["pay", "publish", "running", "sandbox"]
FEE = ("destinations:", "fee: {amount: 12.50, description: Looking at it}\ndestinations:")


@pytest.fixture
def with_fee(publish: Publish) -> Publish:
    """The form costs something."""
    publish(FEE)
    return publish


def moved(pay: Running, to: str) -> None:
    """The payer does this on the card page."""
    attempt = Attempt.objects.latest("pk")
    pay.control("POST", f"/govuk_pay/payments/{attempt.provider_id}/move", {"to": to})


def test_a_form_with_a_fee_goes_to_the_card_page_and_comes_back_paid_once(
    with_fee: Publish, pay: Running, alma: Client
) -> None:
    check = fill(alma)
    assert "£12.50" in said(alma, check)
    assert "Send and pay" in said(alma, check)
    leave = alma.post(check)
    assert leave.status_code == 200
    assert "/secure/" in leave["Refresh"]
    assert alma.get(check)["Location"].endswith("/done/"), "what was sent is sent"
    sent, payment = Submission.objects.get(), Payment.objects.get()
    assert (sent.pence, payment.pence, payment.status) == (1250, 1250, "requested")
    assert Case.objects.get().reference == sent.reference

    moved(pay, "rejected")
    done = alma.get("/pay/back/")["Location"]
    assert done.endswith("/done/")
    link = said(alma, done).split('href="/pay/')[1].split('"')[0]
    assert "No money was taken" in said(alma, f"/pay/{link}")
    assert "/secure/" in alma.post(f"/pay/{link}")["Refresh"]
    moved(pay, "success")
    assert alma.get("/pay/back/")["Location"] == f"/pay/{link}"
    payment.refresh_from_db()
    assert (payment.status, payment.method) == ("received", "online")
    assert "We have your payment" in said(alma, f"/pay/{link}")
    assert alma.post(f"/pay/{link}").status_code == 503, "it is not paid twice"
    assert "Paid" in said(alma, done)
    assert Attempt.objects.filter(state="taken").count() == 1
    assert alma.get("/pay/back/").status_code == 200, "a browser that knows nothing of it is told what to do"


def test_a_form_is_sent_though_nothing_can_be_paid_at_this_moment(
    with_fee: Publish, pay: Running, alma: Client
) -> None:
    check = fill(alma)
    pay.set_fault("503", pattern="POST /govuk_pay/v1/payments$", count=9)
    done = alma.post(check)["Location"]
    assert done.endswith("/done/")
    assert "/pay/" in said(alma, done)
    assert Payment.objects.get().status == "requested"


def test_somebody_else_pays_by_a_link_that_says_nothing_of_whose_case_it_is(
    pay: Running, portal: object, case: Case, alma: Client, officer: Any, noon: datetime
) -> None:
    alma.post("/cases/add/", {"reference": case.reference, "last_name": "Madeup", "year": "1958"})
    asked = actions.request_payment(case, pence=1000, purpose="Badge fee", by=officer, at=noon)
    mine = said(alma, f"/cases/{case.reference}/")
    link = "/pay/" + mine.split('href="/pay/')[1].split('"')[0]
    assert alma.post(f"{link}ask/", {"email": "friend@example.org"}).status_code == 200
    job: Any = ProcrastinateJob.objects.get(task_name=returning.TASK)
    returning.deliver(job.args["letter"], at=timezone.now())
    friend, path = Client(), link_in(outbox.outbox[-1])
    page = said(friend, path)
    assert "£10.00" in page
    assert "Madeup" not in page
    assert "/secure/" in friend.post(path)["Refresh"]
    moved(pay, "success")
    assert friend.get("/pay/back/")["Location"] == path
    asked.refresh_from_db()
    assert asked.status == "received"
    assert "Paid" in said(alma, f"/cases/{case.reference}/")
    number = path.split("/")[2].partition("-")[0]
    for wrong in (f"/pay/{number}-{'0' * 32}/", f"/pay/{int(number) + 1}-{path.split('-')[1]}", "/pay/x/", "/pay/1-/"):
        assert friend.get(wrong).status_code == friend.post(wrong).status_code == 404, wrong
