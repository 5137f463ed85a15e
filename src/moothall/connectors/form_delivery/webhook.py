"""A submission told to another system by a signed call. The same key goes with every try, so that it can take it once."""

from collections.abc import Sequence
from datetime import datetime

import httpx

from moothall.connectors import network
from moothall.connectors.network import Addresses
from moothall.core.council.settings import read
from moothall.domain.forms import destinations, parcels
from moothall.domain.forms.destinations import NotDelivered, Parcel
from moothall.domain.forms.parcels import FormDestinations


@destinations.delivers("webhook")
def call(parcel: Parcel, *, at: datetime) -> str:
    """Tell it, and give back the status it answered. Raises NotDelivered."""
    settings = read(FormDestinations)
    address = parcels.place(parcel, settings.webhooks, "webhooks")
    body, timestamp = parcels.document(parcel), str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Moothall",
        "Idempotency-Key": parcel.key,
        "Moothall-Timestamp": timestamp,
        "Moothall-Signature": f"v1={parcels.signature(body, timestamp=timestamp)}",
    }
    try:
        with (
            httpx.Client(transport=network.Wire(_addresses(settings)), follow_redirects=False) as http,
            network.within(settings.timeout_seconds),
            http.stream("POST", address, content=body, headers=headers) as answer,
        ):
            status = answer.status_code
    except httpx.TimeoutException as fault:
        raise NotDelivered("It did not answer in time.", retryable=True) from fault
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise NotDelivered("It could not be reached, or broke the connection off.", retryable=True) from fault
    if not 200 <= status < 300:
        raise NotDelivered(f"It answered {status}.", retryable=status == 429 or status >= 500)
    return f"answered {status}"


def _addresses(settings: FormDestinations) -> Addresses:
    """Looks up a host: public addresses only, unless the council says it is its own."""
    internal = {host.casefold() for host in settings.internal_hosts}

    def checked(host: str, port: int) -> Sequence[str]:
        try:
            found = network.look_up(host, port)
        except (OSError, UnicodeError) as fault:
            raise NotDelivered("The host of the address could not be found.", retryable=True) from fault
        if host.casefold() not in internal and not all(map(network.is_public, found)):
            sentence = (
                "The address leads into a private network: have its host added to form_destinations.internal_hosts."
            )
            raise NotDelivered(sentence, retryable=True)
        return found

    return checked
