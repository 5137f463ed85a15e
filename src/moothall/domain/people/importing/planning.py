"""What becomes of each row: decided alike by the dry run and by the import itself, and written by neither here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from moothall.domain.people.actions import PersonDetails
from moothall.domain.people.importing.given import Given
from moothall.domain.people.importing.known import Known, Standing, carried_keys, key_of
from moothall.domain.people.importing.options import Options
from moothall.domain.people.importing.refusal import RowRefused
from moothall.domain.people.models import ImportRow
from moothall.domain.people.names import fold

Outcome = ImportRow.Outcome
_TAKEN = "Somebody with this National Insurance number is recorded already, with another name or date of birth."
_TWO = "Its numbers are those of two customers who are recorded apart."
_FACTS = {
    "title": "title",
    "first_names": "first names",
    "last_name": "last name",
    "known_as": "known as",
    "name_at_birth": "name at birth",
    "date_of_birth": "date of birth",
    "gender": "gender",
    "nino": "National Insurance number",
    "language": "language of letters",
}


@dataclass
class Plan:
    """What becomes of one row. `facts` are those of a person that change; `ways` and `references` those that are added."""

    row: ImportRow
    given: Given | None = None
    outcome: str = Outcome.NEW
    column: str = ""
    says: str = ""
    customer: int = 0
    facts: dict[str, object] = field(default_factory=dict)
    moves: bool = False
    ways: list[int] = field(default_factory=list)  # places in `given.ways`
    references: list[tuple[str, str]] = field(default_factory=list)
    account: bool = False  # the web account is carried over
    dealing: bool = False  # and the earlier contact or case
    later: bool = False  # a row before it in the same chunk makes them: look again when it has

    @property
    def changed(self) -> list[str]:
        """What is added or put right, in words."""
        found = [_FACTS[name] for name in self.facts] + (["address"] if self.moves else [])
        if self.given:
            found += [self.given.ways[place].type.replace("_", " ") for place in self.ways]
        found += [type.replace("_", " ") for type, _ in self.references] + ["web account"] * self.account
        dealing = self.given.dealing if self.given else None
        return found + ([f"earlier {dealing.kind}"] if dealing and self.dealing else [])

    @property
    def adds_to_record(self) -> bool:
        """Whether it changes what is recorded of somebody, besides carrying something over."""
        return bool(self.facts or self.moves or self.ways or self.references)

    def refuse(self, column: str, says: str) -> None:
        """It is not taken."""
        self.outcome, self.column, self.says, self.customer = Outcome.REFUSED, column[:80], says, 0
        self.facts, self.moves, self.ways, self.references = {}, False, [], []
        self.account = self.dealing = False


class Planner:
    """Decides the rows of one chunk, one after the other."""

    def __init__(
        self,
        known: Known,
        options: Options,
        once: Mapping[str, bool],
        *,
        earlier: Mapping[int, Standing],
        carried: Mapping[int, int],
    ) -> None:
        self._known, self._options, self._once = known, options, once
        self._carried = dict(carried)  # rows of this file that carry something over, by its key
        self._earlier = dict(earlier)  # rows of this file that make somebody, by the key of what tells who they are

    def decide(self, plan: Plan, place: int, keys: Sequence[int], *, in_chunk: bool) -> None:
        """Decide the row at this place of the chunk. With `in_chunk`, a row before it may make whom it is: then later."""
        given = plan.given
        if given is None:
            return
        try:
            found = self._standing(given, keys)
            if found is None:
                self._new(plan, place)
                if plan.outcome == Outcome.NEW:
                    self._carry(plan, given, None)
                    self._claim(plan, given, keys)
            elif in_chunk and not found.customer:
                plan.later = True
            else:
                self._same(given, found)
                plan.customer = found.customer
                self._changes(plan, given, found)
                self._carry(plan, given, found)
        except RowRefused as refused:
            plan.refuse(refused.field, refused.says)

    def _standing(self, given: Given, keys: Sequence[int]) -> Standing | None:
        """Whom its numbers, or a row that said the same, make it. Raises RowRefused where they are two."""
        known = self._known
        numbers = [known.references[one] for one in given.references if one in known.references]
        numbers += [known.ninos[given.stem]] if given.stem in known.ninos else []
        if given.account and given.account.email in known.accounts:
            numbers.append(known.accounts[given.account.email])
        if len(set(numbers)) > 1:
            raise RowRefused("", _TWO)
        found = numbers[0] if numbers else known.rows.get(key_of("row", given.digest))
        if found in known.standing:
            return known.standing[found]
        rows = {self._earlier[key].row: self._earlier[key] for key in keys if key in self._earlier}
        if len(rows) > 1:
            raise RowRefused("", f"Its numbers are those of rows {' and '.join(map(str, sorted(rows)))}.")
        return next(iter(rows.values()), None)

    def _claim(self, plan: Plan, given: Given, keys: Sequence[int]) -> None:
        mine = as_standing(given, row=plan.row.number)
        for key in keys:
            self._earlier.setdefault(key, mine)

    def _new(self, plan: Plan, place: int) -> None:
        if self._options.likely == "hold" and (likely := self._known.likely.get(place)):
            plan.outcome, plan.customer = Outcome.LIKELY, likely[0].customer
            others = f" So may {len(likely) - 1} more." if len(likely) > 1 else ""
            plan.says = f"May be somebody recorded: {', '.join(likely[0].reasons)}.{others}"

    def _same(self, given: Given, found: Standing) -> None:
        """Refuse a row whose numbers are those of somebody else. Raises RowRefused."""
        if given.kind != found.kind:
            raise RowRefused("", f"Its number is that of {'a person' if found.person else 'an organisation'}.")
        mine, theirs = given.person, found.person
        if not mine or not theirs:
            return
        births = (mine.date_of_birth, theirs.date_of_birth)
        named = fold(mine.last_name) == fold(theirs.last_name)
        if mine.nino and theirs.nino and mine.nino[:8] == theirs.nino[:8]:
            if births[0] != births[1] if all(births) else not named:
                raise RowRefused(
                    "", _TAKEN if found.customer else f"Row {found.row:,} has the same National Insurance number."
                )
        elif mine.nino and theirs.nino:
            raise RowRefused("", "The customer with its number has another National Insurance number.")
        elif all(births) and births[0] != births[1]:
            raise RowRefused("", "The customer with its number has another date of birth.")

    def _changes(self, plan: Plan, given: Given, found: Standing) -> None:
        """What the row says that is not recorded of them."""
        plan.outcome = Outcome.KNOWN
        if not found.customer:
            plan.says = f"As row {found.row:,}."
        if self._options.known == "leave":
            return
        update = self._options.known == "update"
        if given.person and found.person:
            plan.facts = dict(_differing(given.person, found.person, update=update))
        slots = {type for type, _ in found.ways}
        for place, way in enumerate(given.ways):
            if (way.type, way.normalised) not in found.ways and (update or way.type not in slots):
                plan.ways.append(place)
        if given.lines and (update or found.home is None):
            lines = given.lines
            plan.moves = found.home != (lines.line1, lines.line2, lines.town, lines.postcode, lines.uprn)
        plan.references = [one for one in given.references if one not in found.references]
        if plan.changed:
            plan.outcome = Outcome.CHANGED

    def _carry(self, plan: Plan, given: Given, found: Standing | None) -> None:
        """Whether the account and the earlier contact or case are new here. Raises RowRefused for one of somebody else."""
        customer, dealing = found.customer if found else 0, given.dealing
        whose = self._known.dealings.get(dealing.number) if dealing else None
        if whose is not None and whose != customer:
            raise RowRefused("", "The contact or case of this number is recorded for another customer.")
        keys = carried_keys(given, self._options.source)
        mine = {key: self._carried.get(key) for key in keys}
        account, known_account = given.account, given.account and given.account.email in self._known.accounts
        plan.account = bool(account) and not known_account and mine[keys[0]] is None
        plan.dealing = dealing is not None and whose is None and mine[keys[-1]] is None
        if found is None and dealing and (row := mine[keys[-1]]):
            raise RowRefused("", f"Row {row:,} has the same number of a contact or case.")
        for key in keys:
            self._carried.setdefault(key, plan.row.number)
        if plan.outcome == Outcome.KNOWN and (plan.account or plan.dealing):
            plan.outcome = Outcome.CHANGED


def as_standing(given: Given, *, row: int) -> Standing:
    """A row that makes somebody, as it will stand."""
    lines = given.lines
    return Standing(
        row=row,
        kind=given.kind,
        person=given.person,
        ways=frozenset((way.type, way.normalised) for way in given.ways),
        references=frozenset(given.references),
        home=(lines.line1, lines.line2, lines.town, lines.postcode, lines.uprn) if lines else None,
    )


def _differing(mine: PersonDetails, theirs: PersonDetails, *, update: bool) -> list[tuple[str, object]]:
    """The facts that a row adds, or with `update` has another of. A number or birthday that is there stays."""
    found: list[tuple[str, object]] = []
    for one in fields(PersonDetails):
        said, stands = getattr(mine, one.name), getattr(theirs, one.name)
        if not said or said == stands or one.name == "language":
            continue
        if not stands or (update and one.name not in ("nino", "date_of_birth")):
            found.append((one.name, said))
    return found
