"""A submission put as a file where another system looks: whole or not at all, and once however often it is tried."""

import os
from datetime import datetime
from pathlib import Path

from moothall.core.council.settings import read
from moothall.domain.forms import destinations, parcels
from moothall.domain.forms.destinations import NotDelivered, Parcel
from moothall.domain.forms.parcels import FormDestinations


@destinations.delivers("file")
def put(parcel: Parcel, *, at: datetime) -> str:  # noqa: ARG001 - the file says when the form was sent
    """Write it beside its place and move it there, and give back its name. Raises NotDelivered."""
    folder = Path(parcels.place(parcel, read(FormDestinations).folders, "folders"))
    name = f"{parcel.submission.reference}.{parcel.delivery.place}.json"
    beside = folder / f".{parcel.key}.part"
    try:
        with beside.open("wb") as file:
            file.write(parcels.document(parcel))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(folder / name)
    except OSError as fault:
        raise NotDelivered(f"The file cannot be written: {fault.strerror}.", retryable=True) from fault
    return name
