"""Whatever the order of return, message, look, refund, time-out and repetition: money taken is money recorded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.db.models import Sum
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from moothall.connectors.govuk_pay import KEY
from moothall.core.accounts.models import User
from moothall.domain.cases import actions, online, paying, reckoning
from moothall.domain.cases.models import Case
from moothall.domain.exchange import dispatch, refunds
from moothall.domain.exchange.actions import cancel
from moothall.domain.exchange.models import Item
from moothall.domain.payments import providers
from moothall.domain.payments.actions import PaymentRefused
from moothall.domain.payments.models import Attempt, Payment, Refund, Stray
from moothall.domain.payments.providers import ProviderError
from moothall.kit.calendars import LONDON
from moothall.sandbox.testing import Running

FAULTS = ("", "", "", "drop-after", "500", "malformed", "429", "timeout")
OUTCOMES = ("success", "success", "success", "rejected", "expired", "payer", "error", "started", "submitted")


class Money(RuleBasedStateMachine):
    """Everything that may happen to the payments of a case, in any order."""

    pay: ClassVar[Running]
    open_case: ClassVar[Callable[..., Case]]
    ann: ClassVar[Any]
    officer: ClassVar[User]
    http: ClassVar[Client]

    @initialize()
    def begin_anew(self) -> None:
        self.pay.control("POST", "/reset", {"presets": False})
        self.pay.control("PUT", "/govuk_pay/settings", {"rate_limited": False})
        self.case = type(self).open_case(self.ann)
        self.now = timezone.now()
        self.ask(1000)

    @property
    def payments(self) -> list[Payment]:
        return list(Payment.objects.filter(case_link__case=self.case).order_by("id"))

    @property
    def attempts(self) -> list[Attempt]:
        return list(Attempt.objects.filter(payment__case_link__case=self.case).order_by("id"))

    @property
    def there(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.pay.control("GET", "/govuk_pay")["payments"]
        return sorted(found, key=lambda one: one["created"])

    def one(self, rows: list[Any], which: int) -> Any:
        return rows[which % len(rows)]

    @rule(pence=st.sampled_from([1, 1000, 2599]))
    def ask(self, pence: int) -> None:
        if len(self.payments) < 3:
            until = self.now.astimezone(LONDON).date() if pence == 2599 else None
            what = {"pence": pence, "purpose": "Badge fee", "expires_on": until}
            actions.request_payment(self.case, **what, by=self.officer, at=self.now)

    @rule(which=st.integers(0, 3), fault=st.sampled_from(FAULTS))
    def payer_begins(self, which: int, fault: str) -> None:
        with_fault(self.pay, fault, "POST /govuk_pay/v1/payments$")
        try:
            url = online.begin(
                self.one(self.payments, which).pk,
                return_url="https://council.example/back",
                by=self.officer,
                at=self.now,
            )
            assert "/secure/" in url
        except (PaymentRefused, ProviderError):
            pass
        self.pay.clear_faults()

    @rule(which=st.integers(0, 5), to=st.sampled_from(OUTCOMES))
    def payer_does(self, which: int, to: str) -> None:
        if going := [one for one in self.there if one["status"] in ("created", "started", "submitted")]:
            self.pay.control("POST", f"/govuk_pay/payments/{self.one(going, which)['id']}/move", {"to": to})

    @rule(which=st.integers(0, 30), times=st.integers(1, 2))
    def message_comes(self, which: int, times: int) -> None:
        if not (told := self.pay.control("GET", "/govuk_pay/webhooks")["messages"]):
            return
        message = self.one(told, which)
        for _ in range(times):
            answer = self.http.post(
                "/payments/govuk-pay/messages/",
                message["body"].encode(),
                content_type="application/json",
                headers={"Pay-Signature": message["signature"]},
            )
            assert answer.status_code == 204
            about = self.one([one for one in self.there if one["id"] in message["body"]], 0)
            reckoning.heard(providers.get(KEY), about["id"], at=self.now)

    @rule(which=st.integers(0, 5), fault=st.sampled_from(("", "", "500", "malformed")))
    def payer_returns(self, which: int, fault: str) -> None:
        if not self.attempts:
            return
        with_fault(self.pay, fault, "GET /govuk_pay")
        try:
            online.look(self.one(self.attempts, which), at=self.now)
        except ProviderError:
            assert fault
        self.pay.clear_faults()

    @rule(minutes=st.sampled_from([1, 3, 40, 300]))
    def clock_looks(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        online.sweep(at=self.now)
        reckoning.look_at_due_refunds(at=self.now, of=providers.get(KEY))

    @rule(which=st.integers(0, 3), how=st.sampled_from(["cancel", "cash", "expire"]))
    def officer_settles(self, which: int, how: str) -> None:
        payment = self.one(self.payments, which)
        try:
            if how == "cancel":
                actions.cancel_payment(self.case, payment, reason="Exempt", by=self.officer, at=self.now)
            elif how == "cash":
                actions.receive_payment(self.case, payment, method="cash", by=self.officer, at=self.now)
            else:
                paying.expire_payment(self.case, payment, at=self.now)
        except PaymentRefused:
            pass

    @rule(which=st.integers(0, 3), pence=st.sampled_from([1, 400, 1000]), fault=st.sampled_from(FAULTS))
    def officer_refunds(self, which: int, pence: int, fault: str) -> None:
        try:
            payment = self.one(self.payments, which)
            refunds.give_back(self.case, payment, pence=pence, reason="Paid too much", by=self.officer, at=self.now)
        except PaymentRefused:
            return
        with_fault(self.pay, fault, "POST .*refunds")
        self.queue_sends(1)
        self.pay.clear_faults()

    @rule(hours=st.sampled_from([1, 30]))
    def queue_sends(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        dispatch.send_due(KEY, clock=dispatch.clock_from(self.now))

    @rule(which=st.integers(0, 5), pence=st.sampled_from([1, 400]))
    def somebody_refunds_elsewhere(self, which: int, pence: int) -> None:
        good = [one for one in self.there if one["status"] == "success"]
        left = [one for one in good if one["asked"]["amount"] - sum(r["pence"] for r in one["refunds"]) >= pence]
        if left:
            self.pay.control("POST", f"/govuk_pay/payments/{self.one(left, which)['id']}/refund", {"pence": pence})

    @rule()
    def night_falls(self) -> None:
        reckoning.reckon(providers.get(KEY), timezone.now().astimezone(LONDON).date(), at=self.now)

    @invariant()
    def nothing_is_recorded_that_was_not_taken(self) -> None:
        if not hasattr(self, "case"):
            return
        taken, returned = there(self.pay)
        assert recorded(self.case)[0] <= taken
        assert recorded(self.case)[1] <= returned

    def teardown(self) -> None:
        if not hasattr(self, "case"):
            return
        for _ in range(4):
            self.now += timedelta(hours=30)
            dispatch.send_due(KEY, clock=dispatch.clock_from(self.now))
            for item in Item.objects.filter(case=self.case, status="error"):
                cancel(item, reason="It cannot be sent", by=self.officer, at=self.now)
            refunds.give_up(at=self.now)
            online.sweep(at=self.now)
            self.night_falls()
        assert recorded(self.case) == there(self.pay)
        assert not Stray.objects.exists()
        assert not Item.objects.filter(case=self.case, status__in=("unknown", "sending")).exists()


def with_fault(pay: Running, fault: str, pattern: str) -> None:
    if fault:
        pay.set_fault(fault, pattern=pattern, count=1)


def there(pay: Running) -> tuple[int, int]:
    """What the service took and gave back."""
    found = pay.control("GET", "/govuk_pay")
    return found["taken"], found["refunded"]


def recorded(case: Case) -> tuple[int, int]:
    """What we say it took and gave back; the same by attempts as by payments."""
    online_ones = Payment.objects.filter(case_link__case=case, settled_by__isnull=False)
    money = online_ones.aggregate(pence=Sum("pence"), back=Sum("refunded_pence"))
    done = Refund.objects.filter(payment__in=online_ones, status="done").aggregate(all=Sum("pence"))["all"] or 0
    assert done == (money["back"] or 0)
    assert set(online_ones.values_list("status", flat=True)) <= {"received", "refunded"}
    return money["pence"] or 0, done


@pytest.mark.django_db(transaction=True)
def test_money_taken_is_money_recorded_whatever_comes_in_which_order(
    pay: Running, open_case: Callable[..., Case], ann: Any, officer: User, client: Client
) -> None:
    chosen = settings(
        max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    Money.pay, Money.ann, Money.officer, Money.http = pay, ann, officer, client
    Money.open_case = staticmethod(open_case)
    run_state_machine_as_test(Money, settings=chosen)
