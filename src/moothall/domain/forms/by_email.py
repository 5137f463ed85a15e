"""A submission to a mailbox of the back office: what was said in words, and the signed document of it attached."""

from datetime import datetime
from html import escape

from django.core.mail import EmailMultiAlternatives

from moothall.core.council.settings import Council, read
from moothall.domain.forms import destinations, looking_over, parcels
from moothall.domain.forms.destinations import NotDelivered, Parcel
from moothall.domain.forms.parcels import FormDestinations
from moothall.domain.messages import mail


@destinations.delivers("email")
def send(parcel: Parcel, *, at: datetime) -> str:
    """Send it; the Message-ID is the same at every try, so that a second try shows once. Raises NotDelivered."""
    council = read(Council)
    if not council.email_from:
        raise NotDelivered("No e-mail can be sent before council.email_from names a sender.", retryable=True)
    to = parcels.place(parcel, read(FormDestinations).mailboxes, "mailboxes")
    body, timestamp = parcels.document(parcel), str(int(at.timestamp()))
    form = parcel.journey.plan.form
    domain = council.email_from.rpartition("@")[2].rstrip(">") or "localhost"
    known_by = f"<form-{parcel.key}@{domain}>"
    headers = {
        "Message-ID": known_by,
        "Moothall-Timestamp": timestamp,
        "Moothall-Signature": f"v1={parcels.signature(body, timestamp=timestamp)}",
        "Auto-Submitted": "auto-generated",
    }
    subject = f"{form.name.en}: {parcel.submission.reference}"
    email = EmailMultiAlternatives(subject, _text(parcel), council.email_from, [to], headers=headers)
    email.attach_alternative(f"<pre>{escape(_text(parcel))}</pre>", "text/html")
    email.attach(f"{parcel.submission.reference}.json", body, "application/json")
    try:
        mail.hand_over(email)
    except mail.NotSent as refused:
        raise NotDelivered(str(refused), retryable=not refused.permanent) from refused
    return known_by


def _text(parcel: Parcel) -> str:
    """The answers as plain text, page by page."""
    lines = [f"Reference: {parcel.submission.reference}"]
    for section in looking_over.rows(parcel.journey):
        lines += ["", section.title, *(f"{row.label}: {row.text}" for row in section.rows)]
    return "\n".join(lines)
