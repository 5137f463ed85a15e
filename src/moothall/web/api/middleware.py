"""What every answer of the API has in common, whoever made it."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from moothall.web.api.problems import MEDIA_TYPE, Problem, instance, respond

PREFIX = "/api/"


class ApiAnswers:
    """Under /api/: an error made outside the API is a problem too, nothing is cached, the request has an id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path_info.startswith(PREFIX):
            return response
        if response.status_code >= 400 and response.headers.get("Content-Type") != MEDIA_TYPE:
            problem = Problem(response.status_code)
            if allow := response.headers.get("Allow"):
                problem.headers["Allow"] = allow
            response = respond(request, problem)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-ID"] = instance(request)
        return response
