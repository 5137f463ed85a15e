"""What a form was sent with."""

from django.http import HttpRequest, QueryDict


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was filled in with; None where it is only looked at."""
    return request.POST if request.method == "POST" else None
