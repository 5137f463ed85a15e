"""The files of a supply of the gazetteer, given at the desk or through the API: kept, and its import begun."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import IO, Any, cast
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.domain.documents import scanning
from moothall.domain.places.gazetteer import supplies
from moothall.domain.places.gazetteer.refusal import SupplyRefused
from moothall.domain.places.models import Supply

MOST_FILES = 20


def keep(files: "Sequence[UploadedFile[Any]]") -> list[str]:
    """Keep files that the virus scanner found nothing in, piece by piece; where they are in the store. All of them or none.

    Raises SupplyRefused for too many or too large ones, and what the scanner says.
    """
    if not 0 < len(files) <= MOST_FILES:
        raise SupplyRefused(_("Give 1 to %s files. Zip them together if there are more.") % MOST_FILES)
    folder, kept = f"gazetteer/{uuid4().hex}", []
    try:
        for file in files:
            name = PurePath(file.name or "supply").name
            if (file.size or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
                most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
                raise SupplyRefused(
                    _(
                        "%(name)s is larger than %(most)s MB. Zip it, or have it imported by `moothall gazetteer import`."
                    )
                    % {"name": name, "most": most}
                )
            scanning.check_file(cast(IO[bytes], file), file.size or 0)
            kept.append(default_storage.save(f"{folder}/{name}", file))
    except BaseException:
        forget(kept)
        raise
    return kept


def begin(kept: Sequence[str], *, by: User, at: datetime) -> Supply:
    """Begin with files that are kept, and queue the job that does the rest. Raises SupplyRefused: then they are gone."""
    try:
        return supplies.begin_later(kept, by=by, at=at)
    except BaseException:
        forget(kept)
        raise


def forget(kept: Sequence[str]) -> None:
    """Delete files that are not to be imported."""
    for name in kept:
        default_storage.delete(name)
