"""Where a system that is told of changes may be: on the internet, or where whoever runs this has said it may."""

from collections.abc import Sequence

from moothall.connectors import network
from moothall.connectors.network import Addresses
from moothall.core.council.settings import read
from moothall.domain.people.golden.following import ChangeFeed


class NotCalled(Exception):
    """An address leads where nothing is sent. Its sentence may be shown to an administrator."""


def addresses() -> Addresses:
    """Looks up a host: public addresses only, unless it is named in `change_feed.internal_hosts`."""
    internal = {host.casefold() for host in read(ChangeFeed).internal_hosts}

    def checked(host: str, port: int) -> Sequence[str]:
        try:
            found = network.look_up(host, port)
        except (OSError, UnicodeError) as fault:
            raise NotCalled("The host of the address could not be found.") from fault
        if host.casefold() not in internal and not all(map(network.is_public, found)):
            raise NotCalled(
                "The address leads into a private network. If it is the council's own, have its host added to"
                " change_feed.internal_hosts."
            )
        return found

    return checked
