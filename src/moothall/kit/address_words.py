"""The words an address is found by: in small letters, without accents, and one for all the ways to shorten it."""

import re
import unicodedata
from collections.abc import Iterable

_SHORTENED = """
    apartment apt appt; avenue ave av; boulevard blvd; building bldg bld; buildings bldgs; bungalow bung; business bus;
    centre ctr center cntr; church ch; close cl clo; common comm; cottage cott ctg; cottages cotts; court ct crt;
    crescent cres crs cr; drive dr drv; east e; estate est; farm fm; first 1st; second 2nd; third 3rd; fourth 4th; fifth 5th;
    flat flt; floor flr fl; garden gdn; gardens gdns gds; great gt; green grn gn; ground grd gnd; grove gr grv; hall hl;
    heights hts; hospital hosp; house hse ho; industrial ind indust; junction jct; lane ln la; little ltl lt; lodge ldg; lower lwr;
    maisonette mais; mansions mans; meadow mdw; mount mt; north n nth; old ol; orchard orch; park pk; parade pde par; passage psge;
    place pl; precinct pct; promenade prom; quay qy; road rd; saint st street str; school sch; south s sth; square sq;
    station stn sta; terrace terr ter tce; trading trdg; unit unt; upper upr; view vw; village vill; villas vls; walk wlk wk;
    way wy; west w; works wks; yard yd; king kings; queen queens; hotel htl; room rm; suite ste; limited ltd; company co
"""
SAME = {word: group.split()[0] for group in _SHORTENED.split(";") for word in group.split()}
"""A word that has several forms, and the one that stands for them all. Saint and street shorten alike, so they are one."""

_KINDS = "apartment flat fflat unit uned room maisonette suite studio block"
KINDS = frozenset(SAME.get(word, word) for word in _KINDS.split())
"""What may be said or left out before the number of a flat."""

_APART = re.compile(r"[^0-9a-z]+")
_NUMBER = re.compile(r"[0-9]{1,5}[a-z]{0,2}")
_ORDINAL = re.compile(r"[0-9]+(?:st|nd|rd|th)")
_DROPPED = str.maketrans("", "", "'’‘`´.")


def words(text: str) -> list[str]:
    """The words of a text in their order: KING'S is kings, É is e, & is and."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return [word for word in _APART.split(text.translate(_DROPPED).replace("&", " and ").lower()) if word]


def same(word: str) -> str:
    """The form that stands for the word and its abbreviations."""
    return SAME.get(word, word)


def indexed(found: Iterable[str]) -> set[str]:
    """What an address with these words is found by: the words, for who types their beginning, and what stands for them."""
    found = set(found)
    return found | {SAME[word] for word in found if word in SAME}


def is_number(word: str) -> bool:
    """Whether it is the number of a house or flat (12, 12a), rather than a word (2nd)."""
    return _NUMBER.fullmatch(word) is not None and _ORDINAL.fullmatch(word) is None


def slips(word: str) -> set[str]:
    """The word, and what is left when one of its letters is: two words a slip of the keyboard apart have one of these in common."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def apart(one: str, other: str) -> int:
    """How many letters must be changed, left out, put in or swapped with the next to make one word of the other."""
    before, row = [0] * (len(other) + 1), list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        last, row, last_but_one = row, [i], before
        for j, its in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                cost = min(cost, last_but_one[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]
