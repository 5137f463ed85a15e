"""Documents left for later are asked for again, once; a draft that was given up is counted."""

from datetime import timedelta

from django.core import mail as outbox
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.opinions.conftest import pdf_bytes
from tests.portal.conftest import EMAIL
from tests.portal.test_forms import START, WHAT, Publish, begin, fill, publish  # noqa: F401

from moothall.domain.cases.models import Case
from moothall.domain.citizens import reminding
from moothall.domain.forms import actions, delivering
from moothall.domain.forms.models import Abandoned, Draft, Form, Submission
from moothall.web.desk import service_forms


def send(browser: Client) -> Case:
    browser.post(fill(browser))
    for delivery in delivering.undelivered():
        delivering.deliver(delivery.pk, at=timezone.now())
    return Case.objects.latest("pk")


def test_who_left_documents_for_later_is_reminded_once_and_nobody_who_sent_them(
    alma: Client,
    publish: Publish,  # noqa: F811
) -> None:
    hers, others, closed = send(alma), send(Client()), send(Client())
    given = send(alma)
    proof = SimpleUploadedFile("proof.pdf", pdf_bytes(), content_type="application/pdf")
    assert alma.post(f"/cases/{given.reference}/send/", {"uploads": proof}).status_code == 302
    Case.objects.filter(pk=closed.pk).update(closed_at=timezone.now(), end_state="withdrawn")
    outbox.outbox.clear()
    today, now = timezone.localdate(), timezone.now()
    assert reminding.remind_due(today=today + timedelta(days=6), at=now) == 0
    assert reminding.remind_due(today=today + timedelta(days=7), at=now) == 2
    assert reminding.remind_due(today=today + timedelta(days=8), at=now) == 0, "once"
    told = {email.to[0]: email for email in outbox.outbox}
    assert len(told) == 2
    first = next(email for to, email in told.items() if EMAIL in to)
    assert "Picture" in first.body
    assert f"/cases/{hers.reference}/" in first.body
    assert any("ann@example.org" in to for to in told), "without an account, at the address they gave"
    for case in (hers, others):
        assert case.timeline.filter(text="Reminded by e-mail of what was left for later: Picture.").count() == 1
    assert not given.timeline.filter(text__contains="Reminded").exists()
    assert not Submission.objects.filter(remind_on__isnull=False).exists()


def test_drafts_whose_time_is_over_are_counted_by_the_page_they_were_left_at(publish: Publish) -> None:  # noqa: F811
    for number in range(5):
        browser = Client()
        first = begin(browser, START)
        if number > 2:
            browser.post(first, WHAT)
    now = timezone.now()
    assert actions.expire(at=now + timedelta(days=29)) == 5
    assert Draft.objects.count() == 0
    form = Form.objects.get(key="streets.report")
    use = service_forms.use(form, at=now + timedelta(days=29))
    assert dict(use.given_up) == {"Before the first page": 3, "What is it": 2}
    assert (use.given_up_in_all, Abandoned.objects.count()) == (5, 2)
    assert service_forms.use(form, at=now + timedelta(days=90)).given_up == []
