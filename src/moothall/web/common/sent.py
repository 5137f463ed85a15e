"""What a form was sent with, and the methods of a view that has one."""

from django.http import HttpRequest, QueryDict
from django.views.decorators.http import require_http_methods

READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])
"""A view that shows a form, and takes what it was filled in with."""


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was filled in with; None where it is only looked at."""
    return request.POST if request.method == "POST" else None
