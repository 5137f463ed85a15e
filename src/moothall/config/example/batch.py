"""The rows of some hundred cases of a large example: each table's, as lines for COPY."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from moothall.config.example import fiction
from moothall.config.example.fiction import CLOSES, OPENS, Days
from moothall.config.example.walks import Walk, Ways, array
from moothall.domain.cases import clock
from moothall.domain.cases.models import WorkItem
from moothall.domain.cases.worklist import TERMINAL
from moothall.domain.people.names import fold
from moothall.domain.workflow import published
from moothall.kit import references

COLUMNS = {
    "places_address": "id,uprn,line1,line2,town,postcode",
    "people_customer": "id,kind,name,tags,created_at",
    "people_person": (
        "customer_id,title,first_names,last_name,surname_key,known_as,name_at_birth,date_of_birth,gender,nino_claimed,language"
    ),
    "people_contactdetail": "customer_id,type,value,normalised,holder,from_date,preferred",
    "people_residence": "customer_id,address_id,purpose,from_date,doubtful_why",
    "cases_case": (
        "id,reference,service_id,service_version_id,type,source,customer_id,place_id,owner_id,team_id,tags,opened_at,"
        "opened_by_id,closed_at,end_state,updated_at"
    ),
    "cases_demand": "case_id,type,words,kind,recorded_at,root_cause",
    "cases_run": "id,case_id,version_id,started_at,started_by_id,ended_at,end_state,answers",
    "cases_workitem": (
        "id,run_id,case_id,stage_id,entered_at,version,assigned_to_id,wakes_on,finished_at,finished_by_id,outcome,answers,note,"
        "amber_from,red_from,late_after,turns_by"
    ),
    "cases_pause": "item_id,began_at,ended_at,category,reason,policy,by_id",
    "cases_extension": "item_id,amount,reason,by_id,at",
    "cases_note": "case_id,text,important,by_id,at",
    "cases_timelineentry": "case_id,at,by_id,kind,text,detail",
    "documents_document": "id,name,file,media_type,size,sha256,origin,tags,created_at,created_by_id",
    "cases_casedocument": "case_id,document_id",
}
"""Every table that is loaded, in the order of its rows."""

KEYS = dict.fromkeys(
    ["places_address", "people_customer", "cases_case", "cases_run", "cases_workitem", "documents_document"], "id"
)
"""Tables whose numbers are given out here, with the name of the number."""

_TAGGED = (0.07, 0.2, 0.02, 0.004, 0.0005, 0.0001)  # how many cases have each tag that no outcome puts on
_NOTES = (
    "Phoned: wants to hear by post.",
    "The daughter speaks for her mother.",
    "Please call after 5pm.",
    "Evidence is on file.",
)
BADGES = "BB"  # what references of badges begin with
NULL = "\\N"
_UNREAD = f"{NULL}\t{NULL}\t{NULL}\t"  # when its colour turns is worked out afterwards, if it is open
_TEXTS = "Clock paused at {}: waiting for the applicant."


@dataclass(frozen=True)
class File:
    """The stored file that every document of the example shows."""

    path: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Made:
    """What all batches are made of."""

    ways: Sequence[Ways]
    staff: Sequence[int]
    system: int
    file: File
    now: datetime


class Batch:
    """Makes cases one after another; `lines` are the rows not yet taken."""

    def __init__(self, made: Made, numbers: dict[str, int], chance: random.Random) -> None:
        self.made, self.numbers, self.chance = made, numbers, chance
        self.days = Days(made.now)
        self.lines: dict[str, list[str]] = {table: [] for table in COLUMNS}
        self.open = self.finished = self.cases = 0
        self._folded = {last: fold(last) for last in fiction.LAST}
        self._drawn: dict[bool, list[tuple[Ways, Walk]]] = {True: [], False: []}

    def take(self) -> Mapping[str, list[str]]:
        """The rows made since the last time."""
        taken, self.lines = self.lines, {table: [] for table in COLUMNS}
        return taken

    def drawn(self, *, is_open: bool) -> tuple[Ways, Walk]:
        """The next walk by its weight."""
        if not self._drawn[is_open]:
            each = [(ways, *(ways.open if is_open else ways.closed)) for ways in self.made.ways]
            walks = [(ways, walk) for ways, found, _ in each for walk in found]
            weights = accumulate(
                weight / sum(given) / place for place, (_, _, given) in enumerate(each, 1) for weight in given
            )
            self._drawn[is_open] = self.chance.choices(walks, cum_weights=list(weights), k=5000)
        return self._drawn[is_open].pop()

    def add(self, ways: Ways, walk: Walk, *, day: int) -> None:
        """A case that came to where it is on `day`."""
        chance = self.chance.random
        came = [day]
        for _ in walk.steps:
            came.append(came[-1] - int(chance() * 4))
        came.reverse()
        second = OPENS + int(chance() * 3600)
        step = (CLOSES - second) // (len(came) + 1)
        times = [self.days.moment(at, second + place * step) for place, at in enumerate(came)]
        case = self.numbers["cases_case"] = self.numbers["cases_case"] + 1
        customer, place = self._customer(times[0])
        self._case(case, ways, walk, times, customer=customer, place=place)
        self._work(case, walk, times, day=came[-1])
        if chance() < 0.12:
            self._note(case, times[-1])
        if walk.at is not None and chance() < 0.08:
            self._document(case, times[0])
        self.cases += 1
        self.finished += len(walk.steps)
        self.open += walk.at is not None

    def _customer(self, at: str) -> tuple[int, int]:
        """Somebody new, or now and then somebody who was there before in this batch; and where they live."""
        chance, numbers = self.chance.random, self.numbers
        if chance() < 0.2 and self.lines["people_residence"]:
            lines = self.lines["people_residence"]
            customer, place = lines[int(chance() * len(lines))].split("\t", 2)[:2]
            return int(customer), int(place)
        if chance() < 0.6 or not self.lines["places_address"]:
            place_ = numbers["places_address"] = numbers["places_address"] + 1
            self.lines["places_address"].append(f"{place_}\t\t{fiction.address(place_, self.chance)}\n")
        customer_, place_ = numbers["people_customer"] + 1, numbers["places_address"]
        numbers["people_customer"] = customer_
        first = fiction.FIRST[int(chance() * len(fiction.FIRST))]
        last = fiction.LAST[int(chance() ** 2 * len(fiction.LAST))]
        day = at[:10]
        self.lines["people_customer"].append(f"{customer_}\tperson\t{first} {last}\t{{}}\t{at}\n")
        born = fiction.BIRTHDAYS[int(chance() * len(fiction.BIRTHDAYS))]
        self.lines["people_person"].append(
            f"{customer_}\t\t{first}\t{last}\t{self._folded[last]}\t\t\t{born}\t\t\ten\n"
        )
        self.lines["people_residence"].append(f"{customer_}\t{place_}\thome\t{day}\t\n")
        if chance() < 0.5:
            email = f"{first}.{last}{customer_}@example.org".lower()
            self.lines["people_contactdetail"].append(f"{customer_}\temail\t{email}\t{email}\t\t{day}\tt\n")
        return customer_, place_

    def _case(self, case: int, ways: Ways, walk: Walk, times: Sequence[str], *, customer: int, place: int) -> None:
        chance, staff = self.chance.random, self.made.staff
        tags = {*walk.tags, *(tag for tag, share in zip(ways.tags, _TAGGED, strict=False) if chance() < share)}
        if ways.may_be_terminal and chance() < 0.015:
            tags.add(TERMINAL)
        source = ways.sources[int(chance() ** 3 * len(ways.sources))]
        owner = staff[int(chance() * len(staff))] if chance() < 0.1 else NULL
        team = walk.team if walk.team and chance() < 0.2 else NULL
        closed = NULL if walk.at is not None else times[-1]
        opened, by = times[0], self.made.system
        self.lines["cases_case"].append(
            f"{case}\t{references.make(walk.prefix, case)}\t{walk.service}\t{walk.service_version}\t{walk.type}\t{source}"
            f"\t{customer}\t{place}\t{owner}\t{team}\t{array(sorted(tags))}\t{opened}\t{by}\t{closed}\t{walk.end}"
            f"\t{times[-1]}\n"
        )
        self.lines["cases_demand"].append(f"{case}\t{walk.type}\t\tvalue\t{opened}\t\n")
        text, detail = walk.opened
        self.lines["cases_timelineentry"].append(f"{case}\t{opened}\t{by}\tcase\t{text}\t{detail}\n")
        run = self.numbers["cases_run"] = self.numbers["cases_run"] + 1
        said = _answers(case, opened) if walk.prefix == BADGES and case % 4 == 0 else "{}"
        self.lines["cases_run"].append(f"{run}\t{case}\t{walk.version}\t{opened}\t{by}\t{closed}\t{walk.end}\t{said}\n")

    def _work(self, case: int, walk: Walk, times: Sequence[str], *, day: int) -> None:
        chance, numbers, run = self.chance.random, self.numbers, self.numbers["cases_run"]
        items, entries = self.lines["cases_workitem"], self.lines["cases_timelineentry"]
        item = numbers["cases_workitem"]
        pick = int(chance() * 100)
        for place, step in enumerate(walk.steps):
            item += 1
            who = step.people[pick % len(step.people)]
            done = times[place + 1]
            items.append(
                f"{item}\t{run}\t{case}\t{step.stage}\t{times[place]}\t2\t{who if who != self.made.system else NULL}"
                f"\t{{}}\t{done}\t{who}\t{step.outcome}\t{{}}\t\t{_UNREAD}\n"
            )
            entries.append(f"{case}\t{done}\t{who}\tworkflow\t{step.text}\t{step.detail}\n")
        if walk.at is not None:
            item += 1
            taken = walk.people[pick % len(walk.people)] if walk.people and chance() < 0.3 else NULL
            lot = chance() if walk.has_target and walk.people else 1.0
            turns = _UNREAD if lot < 0.06 else self._turns(walk, times[-1])
            items.append(
                f"{item}\t{run}\t{case}\t{walk.at}\t{times[-1]}\t1\t{taken}\t{walk.wakes_on}\t\\N\t\\N\t\t{{}}\t"
                f"\t{turns}\n"
            )
            if lot < 0.06:
                self._clock(case, item, walk, lot=lot, day=day)
        numbers["cases_workitem"] = item

    def _turns(self, walk: Walk, entered: str) -> str:
        """When the colour of a clock turns that nobody touches."""
        assert walk.at is not None
        item = WorkItem(stage=published.stage_by_row(walk.at), entered_at=datetime.fromisoformat(entered))
        clock.note(item, at=item.entered_at, stored=False)
        moments = (item.amber_from, item.red_from, item.late_after)
        return "\t".join([*(one.isoformat() if one else NULL for one in moments), item.turns_by])

    def _clock(self, case: int, item: int, walk: Walk, *, lot: float, day: int) -> None:
        """A pause that goes on, one that is over, or an extension."""
        by = walk.people[0]
        if day + 1 > self.days.last:
            return
        began = self.days.moment(day + 1, CLOSES)
        if lot < 0.05:
            ended = NULL if lot < 0.03 else self.days.moment(day + 4, CLOSES + 1)
            reason = "waiting for the applicant"
            self.lines["cases_pause"].append(
                f"{item}\t{began}\t{ended}\tawaiting_applicant\t{reason}\tcontinue\t{by}\n"
            )
            text = _TEXTS.format(walk.name)
        else:
            self.lines["cases_extension"].append(f"{item}\t2\tThe applicant is in hospital.\t{by}\t{began}\n")
            text = f"{walk.name} extended: The applicant is in hospital."
        detail = f'{{"stage_row": {walk.at}}}'
        self.lines["cases_timelineentry"].append(f"{case}\t{began}\t{by}\tworkflow\t{text}\t{detail}\n")

    def _note(self, case: int, at: str) -> None:
        chance, staff = self.chance.random, self.made.staff
        by = staff[int(chance() * len(staff))]
        important = chance() < 0.15
        text = "Important note added." if important else "Note added."
        said = _NOTES[int(chance() * len(_NOTES))]
        self.lines["cases_note"].append(f"{case}\t{said}\t{'t' if important else 'f'}\t{by}\t{at}\n")
        self.lines["cases_timelineentry"].append(f"{case}\t{at}\t{by}\tnote\t{text}\t{{}}\n")

    def _document(self, case: int, at: str) -> None:
        file, by = self.made.file, self.made.system
        number = self.numbers["documents_document"] = self.numbers["documents_document"] + 1
        self.lines["documents_document"].append(
            f"{number}\tProof of address.png\t{file.path}\t{file.media_type}\t{file.size}\t{file.sha256}\tapplicant"
            f"\t{{}}\t{at}\t{by}\n"
        )
        self.lines["cases_casedocument"].append(f"{case}\t{number}\n")


def _answers(case: int, opened: str) -> str:
    """What was answered on the way to a badge: most have it sent home, few to the council, fewer are not assessed again."""
    month = opened[:8]
    answers = {
        "deliver_to": "council" if case % 400 == 0 else "home",
        "not_for_reassessment": case % 4_000 == 0,
        "start_date": f"{month}01",
        "expiry_date": f"{int(month[:4]) + 3}{month[4:]}01",
        "amount": 1_000 if case % 8 == 0 else 0,
    }
    return json.dumps(answers)
