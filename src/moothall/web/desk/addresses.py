"""“Find an address” on the forms of the desk."""

from moothall.web.common import address_finder
from moothall.web.common.address_finder import Looking
from moothall.web.common.addresses import address
from moothall.web.common.sent import sent
from moothall.web.desk.request import DeskRequest


def looking(request: DeskRequest) -> Looking:
    """Take a step of finding an address, if one was asked for."""
    data = sent(request)
    return address_finder.looking(data, wards=address("desk:map_wards"))
