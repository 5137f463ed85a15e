"""Where a notification leads to."""

from django.urls import NoReverseMatch, reverse

from moothall.domain.notifications.models import Notification


def address(notification: Notification) -> str:
    """The part of the case it is about, or the page of the desk; what is not there any more leads home."""
    anchor = f"#{notification.anchor}" if notification.anchor else ""
    if notification.anchor.startswith("note-"):  # it may be on any page of the notes
        anchor = f"?note={notification.anchor.removeprefix('note-')}{anchor}"
    if notification.reference:
        start = reverse("desk:case", args=[notification.reference])
        return f"{start}{notification.page}/{anchor}" if notification.page else start + anchor
    try:
        return reverse(f"desk:{notification.page or 'home'}") + anchor
    except NoReverseMatch:
        return reverse("desk:home")
