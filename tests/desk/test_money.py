"""The payments of all cases at the desk: found, added up, given back by two, and compared with the provider."""

from datetime import date, datetime

import pytest
from django.test import Client
from tests.desk.conftest import OpenCase, SignInAs
from tests.desk.pages import Page

from moothall.core.accounts.models import User
from moothall.core.council import settings as council
from moothall.domain.cases import actions
from moothall.domain.payments.models import Payment, Reckoning, Refund, Stray
from moothall.domain.payments.settings import Payments
from moothall.web.desk.views import payments


@pytest.fixture
def at_managers_desk(sign_in_as: SignInAs, manager: User) -> Client:
    return sign_in_as(manager)


def test_payments_are_narrowed_added_up_and_exported_for_whoever_may_see_them(
    at_managers_desk: Client, sign_in_as: SignInAs, assessor: User, make_case: OpenCase, officer: User, noon: datetime
) -> None:
    case = make_case()
    actions.record_payment(case, pence=1050, method="card", reference="EX-1", by=officer, at=noon)
    actions.record_payment(case, pence=2000, method="cheque", by=officer, at=noon)
    actions.request_payment(case, pence=500, purpose="=Badge", by=officer, at=noon)

    everything = Page.of(at_managers_desk.get("/desk/payments/")).text("main")
    by_card = Page.of(at_managers_desk.get("/desk/payments/?method=card&status=received")).text("main")
    exported = b"".join(at_managers_desk.get("/desk/payments/export.csv?reference=EX-1").streaming_content).decode()  # type: ignore[attr-defined]

    assert "3 payments. Received: £30.50 , of which £0.00 given back" in everything
    assert "1 payment. Received: £10.50" in by_card
    assert (case.reference in exported, exported.count("\n"), "EX-1" in exported) == (True, 2, True)
    assert "'=Badge" in b"".join(at_managers_desk.get("/desk/payments/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    stranger = sign_in_as(assessor)
    for page in ("", "export.csv", "reckonings/"):
        assert stranger.get(f"/desk/payments/{page}").status_code == 403


def test_money_above_the_limit_is_given_back_only_when_another_officer_agrees(
    at_managers_desk: Client, at_desk: Client, make_case: OpenCase, officer: User, manager: User, noon: datetime
) -> None:
    council.write(Payments(second_officer_over_pence=500), by=officer, at=noon)
    case = make_case()
    payment = actions.record_payment(case, pence=2000, method="cash", by=officer, at=noon)
    tab = f"/desk/cases/{case.reference}/payments/"

    for amount in ("5", "5"):  # together above the limit
        at_desk.post(f"{tab}{payment.pk}/refund/", {"amount": amount, "reason": "Paid twice"})
    first, second = Refund.objects.order_by("id")
    decide = f"{tab}{payment.pk}/refunds/{second.pk}/"
    assert (first.status, second.status) == ("done", "proposed")
    assert at_desk.post(decide, {"agreed": "yes"}).status_code == 403
    assert at_managers_desk.post(decide, {"agreed": "no"}).status_code == 422, "a refusal says why"
    assert "waits for a second officer" in Page.of(at_managers_desk.get("/desk/failures/")).text("main")
    at_managers_desk.post(decide, {"agreed": "yes"})

    assert Payment.objects.get().refunded_pence == 1000
    at_managers_desk.post(f"{tab}{payment.pk}/refund/", {"amount": "6", "reason": "More"})
    mine = Refund.objects.order_by("id").last()
    assert mine
    own = at_managers_desk.post(f"{tab}{payment.pk}/refunds/{mine.pk}/", {"agreed": "yes"})
    assert (own.status_code, "another officer" in Page.of(own).text("main")) == (422, True)


def test_money_of_nobody_and_days_that_differ_wait_until_somebody_says_what_they_are(
    at_managers_desk: Client, make_case: OpenCase, noon: datetime
) -> None:
    case, day = make_case(), date(2026, 3, 2)
    row = {"provider": "govuk_pay", "taken_at": noon, "found_at": noon, "pence": 1200}
    strays = [Stray.objects.create(**row, provider_id=f"p{number}", reference=f"GW-{number}") for number in (1, 2)]
    line = {"what": "not_here", "provider_id": "p1", "reference": "GW-1", "theirs": 1200, "ours": 0}
    sums = {"theirs": 1, "theirs_pence": 1200, "theirs_returned": 0, "ours": 0, "ours_pence": 0, "ours_returned": 0}
    differs = Reckoning.objects.create(provider="govuk_pay", day=day, at=noon, differences=[line], differing=1, **sums)
    failures = Page.of(at_managers_desk.get("/desk/failures/")).text("main")
    assert ("GW-1" in failures, "2 March 2026" in failures) == (True, True)

    at_managers_desk.post(f"/desk/payments/unmatched/{strays[0].pk}/", {"case": case.reference, "note": ""})
    nothing = at_managers_desk.post(f"/desk/payments/unmatched/{strays[1].pk}/", {"case": "", "note": ""})
    at_managers_desk.post(f"/desk/payments/unmatched/{strays[1].pk}/", {"case": "", "note": "The library's"})
    at_managers_desk.post(f"/desk/payments/reckonings/{differs.pk}/", {"note": "Matched by hand"})

    assert nothing.status_code == 422
    payment = Payment.objects.get(case_link__case=case)
    assert (payment.pence, payment.status, payment.settled_by.provider_id) == (1200, "received", "p1")
    left = Page.of(at_managers_desk.get("/desk/failures/")).text("main")
    assert ("GW-" in left, "2 March 2026" in left) == (False, False)
    shown = Page.of(at_managers_desk.get("/desk/payments/reckonings/"))
    assert "£12.00" in shown.text("table")


def test_the_payments_of_a_case_are_in_pages_each_with_how_its_own_were_given_back(
    at_managers_desk: Client, make_case: OpenCase, officer: User, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "PAGE", 1)
    case = make_case()
    first = actions.record_payment(case, pence=1050, method="cash", by=officer, at=noon)
    actions.record_payment(case, pence=2000, method="cash", by=officer, at=noon)
    tab = f"/desk/cases/{case.reference}/payments/"
    at_managers_desk.post(f"{tab}{first.pk}/refund/", {"amount": "10.50", "reason": "Paid twice"})

    newest, oldest = (Page.of(at_managers_desk.get(f"{tab}?page={page}")).text("main") for page in (1, 2))
    assert ("£20.00" in newest, "£10.50" in newest, "Paid twice" in newest) == (True, False, False)
    assert ("£20.00" in oldest, "£10.50" in oldest, "Paid twice" in oldest) == (False, True, True)
    assert at_managers_desk.get(f"{tab}?page=3").status_code == 404
