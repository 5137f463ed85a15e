"""The mail server that keeps everything and delivers nothing."""

import smtplib
from email.message import EmailMessage

import pytest

from moothall.sandbox.testing import Running


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"] = "Example Council <council@example.org>"
    made["To"] = "applicant@example.org"
    made["Subject"] = "Your Blue Badge – received"
    made.set_content("Dear Alex\n")
    made.add_alternative("<p>Dear <b>Alex</b></p>", subtype="html")
    made.add_attachment(b"%PDF-1.4", maintype="application", subtype="pdf", filename="letter.pdf")
    return made


def send(sandbox: Running, timeout: float = 5) -> None:
    with smtplib.SMTP(*sandbox.smtp, timeout=timeout) as server:
        server.send_message(message())


def test_a_message_is_kept_with_its_parts(sandbox: Running) -> None:
    send(sandbox)

    (kept,) = sandbox.control("GET", "/mail")
    assert (kept["sender"], kept["recipients"]) == ("council@example.org", ["applicant@example.org"])
    assert (kept["subject"], kept["text"].strip()) == ("Your Blue Badge – received", "Dear Alex")
    assert "<b>Alex</b>" in kept["html"]
    assert kept["attachments"] == [{"name": "letter.pdf", "media_type": "application/pdf", "size": 8}]


@pytest.mark.parametrize(("fault", "first_digit"), [("4xx", 4), ("5xx", 5)])
def test_mail_can_be_refused_as_often_as_wanted(fault: str, first_digit: int, sandbox: Running) -> None:
    sandbox.control("POST", "/mail/fault", {"fault": fault, "count": 1})

    with pytest.raises(smtplib.SMTPDataError) as refused:
        send(sandbox)
    send(sandbox)

    assert refused.value.smtp_code // 100 == first_digit
    assert len(sandbox.control("GET", "/mail")) == 1


def test_the_mail_server_can_fall_silent(sandbox: Running) -> None:
    sandbox.control("POST", "/mail/fault", {"fault": "hang", "count": 1})

    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        send(sandbox, timeout=0.3)

    assert sandbox.control("GET", "/mail") == []


def test_kept_mail_can_be_thrown_away(sandbox: Running) -> None:
    send(sandbox)

    assert sandbox.control("DELETE", "/mail") == []
