"""Do the systems that look-ups of forms ask answer?"""

from dataclasses import dataclass
from datetime import datetime

from moothall.connectors.form_lookups import client
from moothall.connectors.form_lookups.client import LookUpError
from moothall.connectors.form_lookups.settings import FormLookups
from moothall.core.accounts.models import User
from moothall.core.council.settings import read


@dataclass(frozen=True, kw_only=True)
class Checked:
    """Whether every system answers, and what an administrator should know, as sentences."""

    works: bool
    sentences: tuple[str, ...]


def check(*, by: User, at: datetime) -> Checked:  # noqa: ARG001 - every check is given who asks
    """Call the address of every system. Any answer but a refusal of our key, or a fault of its own, will do."""
    systems = sorted(read(FormLookups).addresses)
    if not systems:
        return Checked(works=False, sentences=("No system is set: look-ups of forms need form_lookups.systems.",))
    said, works = [], True
    for system in systems:
        try:
            status, _content = client.fetch(system, "/", query={})
        except LookUpError as fault:
            said.append(str(fault))
            works = False
            continue
        fine = status < 500 and status not in (401, 403)
        works = works and fine
        said.append(f"“{system}” answers." if fine else f"“{system}” answered {status}: see form_lookups.secrets.")
    return Checked(works=works, sentences=tuple(said))
