"""The page that documents the API: what each operation does and needs. It holds no data, so anybody may read it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from moothall.web.api.api import every_operation
from moothall.web.ops.access import public


@public
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Every operation, by section."""
    sections: dict[str, list[object]] = {}
    for operation in every_operation():
        sections.setdefault(operation.section, []).append(operation)
    return render(request, "api/docs.html", {"sections": sections.items()})
