"""Something as a national register holds it, in lines: for the page of a customer's badge, say."""

from datetime import date

from moothall.domain.exchange.models import Lookup
from moothall.domain.exchange.registers import Register
from moothall.domain.people.models import ExternalReference
from moothall.web.components.parts import Row
from moothall.web.components.templatetags.components import day


def rows(register: Register, kept: Lookup | None) -> list[Row]:
    """What is known of it, without what is empty; nothing where nobody asked."""
    facts = register.facts(kept.found) if kept else []
    return [Row(key, day(value) if isinstance(value, date) else value) for key, value in facts if value]


def differs(register: Register, kept: Lookup | None, reference: ExternalReference) -> str:
    """The status in the kept answer, where it is not the one recorded here; nothing where both agree or nobody asked."""
    stands = register.status(kept.found) if kept else ""
    return stands if stands != reference.status else ""
