"""A request as the views of the desk see it."""

from datetime import datetime

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from moothall.core.accounts.models import User


class DeskRequest(HttpRequest):
    """A request of somebody signed in. `now` is read once, on arrival, and is the time of all it does."""

    user: User
    now: datetime
    htmx: HtmxDetails
