"""What the council has not set is left out, and nothing made up goes out in its place."""

import io
from datetime import UTC, datetime

import pikepdf
import pytest
from tests.messages.test_pdf import make_message

from moothall.core.council.settings import Council
from moothall.domain.messages import mail, pdf
from moothall.domain.messages.models import Message

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SENDER = "Example Council <noreply@council.example.org>"


def email() -> Message:
    return make_message(channel="email", to_email="ann@example.org", created_at=NOON, pk=1)


def test_a_council_that_said_nothing_has_no_name_address_or_sender_and_knows_what_is_missing() -> None:
    assert Council().missing == [
        f"council.{name}" for name in ("name", "address", "phone", "email", "email_from", "website")
    ]
    assert Council().contact_lines == []


def test_a_letter_of_a_council_that_said_nothing_is_produced_without_the_lines() -> None:
    with pikepdf.open(io.BytesIO(pdf.letter(make_message(), council=Council(), at=NOON))) as letter:
        assert len(letter.pages) == 1


def test_an_email_without_a_sender_is_not_sent_and_says_which_setting_is_missing() -> None:
    with pytest.raises(mail.NotSent, match="council.email_from") as refused:
        mail.build(email(), council=Council(), at=NOON)
    assert not refused.value.permanent


def test_an_email_leaves_out_how_to_reach_the_council_where_it_did_not_say() -> None:
    sent = mail.build(email(), council=Council(email_from=SENDER, phone="0300 000 0000"), at=NOON)

    assert sent.body.endswith("-- \nOur reference: PP-7K3M-Q2R8\n0300 000 0000\n")
    assert (sent.reply_to, "·" in str(sent.alternatives[0])) == ([], False)
