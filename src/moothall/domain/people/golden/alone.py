"""What must hold, besides how likely they are one, before two people are made one though nobody looked at them.

Twins share a birthday, a home and often a telephone, and a father and son a name and a home: however much agrees, such are
left for somebody to look at. So is whoever has too little recorded to be told from them.
"""

from collections.abc import Iterable

from moothall.domain.people.golden.records import Compared


def why_not(one: Compared, other: Compared) -> str:
    """Why two people are left for somebody to look at, in a sentence; empty when nothing stands against it."""
    if one.nino and other.nino and one.nino != other.nino:
        return "Their National Insurance numbers differ."
    if one.dob and other.dob and one.dob != other.dob:
        return "Their dates of birth differ."
    if not (one.dob and other.dob) and not (one.nino and one.nino == other.nino):
        return "Neither one date of birth nor one National Insurance number is recorded for both."
    if not _named_alike(one, other):
        return "Their first names differ, and neither is a form of the other."
    if one.middles and other.middles and not _middles_agree(one, other):
        return "Their other first names differ."
    return ""


def between(one: Compared, other: Compared, *, may_be_one: Iterable[Compared], may_be_other: Iterable[Compared]) -> str:
    """As `why_not`, or that a third record is one of the two as likely, and not the other.

    `may_be_one` are the records that may be the same as `one`, and `may_be_other` those that may be the same as `other`.
    """
    if why := why_not(one, other):
        return why
    for mine, theirs, thirds in ((one, other, may_be_one), (other, one, may_be_other)):
        if any(not why_not(mine, third) and why_not(theirs, third) for third in thirds):
            return "A third record may be one of them, and is not the other."
    return ""


def _named_alike(one: Compared, other: Compared) -> bool:
    """The same first name, or forms of one name and of no other, as Ali is of two; or the two names the other way round."""
    if one.given and one.given == other.given:
        return True
    if len(one.given_forms) == len(other.given_forms) == 1 and one.given_forms == other.given_forms:
        return True
    return bool(one.given and one.surname) and (one.given, one.surname) == (other.surname, other.given)


def _middles_agree(one: Compared, other: Compared) -> bool:
    mine, theirs = set(one.middles), set(other.middles)
    return bool(mine & theirs or mine & set(other.initials) or set(one.initials) & theirs)
