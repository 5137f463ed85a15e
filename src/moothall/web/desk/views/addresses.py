"""Addresses while somebody types one."""

from django.http import JsonResponse
from django.urls import path
from django.views.decorators.http import require_POST

from moothall.core.accounts.permissions import Permission
from moothall.web.common import address_finder
from moothall.web.desk.access import needs
from moothall.web.desk.request import DeskRequest


@needs(Permission.EDIT_PEOPLE)
@require_POST
def find(request: DeskRequest) -> JsonResponse:
    """A few addresses of the gazetteer; what is looked for is in the body, so that no address of a page holds it."""
    return JsonResponse({"found": address_finder.while_typing(request.POST.get("text", "")[:200])})


urlpatterns = [path("addresses/find/", find, name="find_addresses")]
