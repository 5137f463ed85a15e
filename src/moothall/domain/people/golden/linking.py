"""Pairs of people who may be one, by probabilistic record linkage: Splink on DuckDB, in a scratch folder that is removed.

What is compared and how lies in `comparing`, the weights in a trained model (`trained.json`).
"""

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moothall.domain.people.golden import comparing
from moothall.domain.people.golden.records import COLUMNS, Compared, write

if TYPE_CHECKING:
    from splink import Linker

RARE = 0.0005
"""A name that a smaller share of the people has is rare."""

_FOLDER = "moothall-duplicates-"
_NEW = 60  # seconds in which a folder may not be held yet by whoever makes it
_MEMORY = "1GB"
_THREADS = 2


@dataclass(frozen=True)
class Found:
    """Two people, by their keys, the smaller first; how likely they are one; and how each comparison came out."""

    first: int
    second: int
    probability: float
    evidence: tuple[
        tuple[str, int, float], ...
    ]  # comparison, place of the level among its levels (-1: not known), weight


@dataclass(frozen=True)
class Trained:
    """A trained model: its name, the weights, and on what it was measured."""

    name: str
    weights: dict[str, Any]


@cache
def trained() -> Trained:
    """The model that comes with the product."""
    kept = json.loads((Path(__file__).parent / "trained.json").read_text(encoding="utf-8"))
    return Trained(kept["name"], kept["weights"])


class People:
    """Everybody who is compared, in a DuckDB file of its own."""

    def __init__(self, folder: Path) -> None:
        from splink import DuckDBAPI  # takes a second, which every process of the product would wait at its start

        self._api = DuckDBAPI(str(folder / "people.duckdb"))
        self.database = self._api.duckdb_con
        self._folder = folder
        self._linker: Linker | None = None

    def load(self, rows: Iterable[Compared]) -> int:
        """Take the people in; how many they are."""
        for setting, value in (("memory_limit", _MEMORY), ("threads", _THREADS), ("temp_directory", self._folder)):
            self.database.execute(f"SET {setting} = '{value}'")
        self.database.execute("SET enable_progress_bar = false")
        number = self.table("given", COLUMNS, rows)
        self.database.execute(_KEYED)
        self.database.execute("DROP TABLE given")
        return number

    def table(self, name: str, columns: Mapping[str, str], rows: Iterable[Any]) -> int:
        """Make a table of rows, whose attributes are its columns; how many they are."""
        written = self._folder / f"{name}.jsonl"
        with written.open("w", encoding="utf-8") as file:
            number = write(rows, file)
        kinds = ", ".join(f"{column}: '{kind}'" for column, kind in columns.items())
        self.database.execute(
            f"CREATE TABLE {name} AS FROM read_json('{written}', format = 'newline_delimited', columns = {{{kinds}}})"
        )
        written.unlink()
        return number

    def pairs(self, weights: dict[str, Any], *, least: float, part: int = 1, of: int = 1) -> Iterator[Found]:
        """The pairs at least so likely; the work can be done in parts, each by itself."""
        linker = self._made(weights)
        if of == 1:
            made = linker.inference.predict(threshold_match_probability=least)
        else:
            made = linker.inference.predict_chunk(left_chunk=(part, of), threshold_match_probability=least)
        yield from self._read(made.physical_name)
        made.drop_table_from_database_and_remove_from_cache()

    def patterns(self) -> dict[tuple[int, ...], tuple[int, int]]:
        """The pairs looked at, counted by how each comparison came out: how many of one person, how many of two."""
        evenly = {one.name: [(0.5, 0.5)] * len(one.levels) for one in comparing.COMPARISONS}
        made = self._made({"prior": 0.5, "comparisons": evenly}).inference.predict()
        last = {one.name: len(one.levels) - 1 for one in comparing.COMPARISONS}
        columns = ", ".join(
            f"CASE WHEN gamma_{name} < 0 THEN -1 ELSE {most} - gamma_{name} END" for name, most in last.items()
        )
        rows = self.database.execute(
            f"SELECT {columns}, count(*) FILTER (a.who = b.who), count(*) FILTER (a.who <> b.who)"  # noqa: S608
            f' FROM "{made.physical_name}" JOIN people a ON a.unique_id = unique_id_l'
            " JOIN people b ON b.unique_id = unique_id_r GROUP BY ALL"
        ).fetchall()
        return {tuple(levels): (same, other) for *levels, same, other in rows}

    def pairs_of(self, changed: Iterable[int], weights: dict[str, Any], *, least: float) -> Iterator[Found]:
        """The pairs at least so likely one of whom at least is among `changed`."""
        self.database.execute("CREATE OR REPLACE TABLE changed (id BIGINT)")
        self.database.executemany("INSERT INTO changed VALUES (?)", [[one] for one in changed] or [[-1]])
        linker = self._made(weights)
        api = self._api
        left = api.register(
            self.database.sql("SELECT * FROM people WHERE unique_id IN (FROM changed)").to_arrow_table()
        )
        made = linker.inference.predict_between(
            left, self._frame, link_type="link_only", threshold_match_probability=least
        )
        seen: set[tuple[int, int]] = set()
        for found in self._read(made.physical_name):
            if found.first != found.second and (found.first, found.second) not in seen:
                seen.add((found.first, found.second))
                yield found

    def _made(self, weights: dict[str, Any]) -> "Linker":
        if self._linker is None:
            from splink import Linker

            self._frame = self._api.register("people")
            self._linker = Linker(self._frame, comparing.settings(weights), log_level="WARNING")
        return self._linker

    def _read(self, table: str) -> Iterator[Found]:
        names = [one.name for one in comparing.COMPARISONS]
        columns = ", ".join(f"gamma_{name}, mw_{name}" for name in names)
        rows = self.database.cursor().execute(
            f'SELECT unique_id_l, unique_id_r, match_probability, {columns} FROM "{table}"'  # noqa: S608
        )
        while some := rows.fetchmany(5000):
            yield from (_found(row, names) for row in some)


_KEYED = f"""
    CREATE TABLE people AS
    WITH named AS (
        SELECT given.*,
            count(*) OVER (PARTITION BY given) < greatest(2, {RARE * 4} * count(*) OVER ()) AS given_rare,
            count(*) OVER (PARTITION BY surname) < greatest(2, {RARE} * count(*) OVER ()) AS surname_rare
        FROM given
    ), keyed AS (
        SELECT *, {", ".join(f"{made} AS {key}" for key, made in comparing.KEYS.items())} FROM named
    )
    SELECT * REPLACE ({
    ", ".join(
        f"CASE WHEN count(*) OVER (PARTITION BY {key}) <= {comparing.MOST_ALIKE} THEN {key} END AS {key}"
        for key in comparing.KEYS
    )
})
    FROM keyed
"""  # noqa: S608 - names of ours


@contextmanager
def people() -> Iterator[People]:
    """Where people are compared; whatever happens, nothing of them is left behind on the disk."""
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER))
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        made = People(folder)
        try:
            yield made
        finally:
            made.database.close()
    finally:
        shutil.rmtree(folder)
        os.close(held)


def sweep() -> None:
    """Remove what was left behind by a process that was killed: the folders nobody holds any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
        try:
            seen = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:  # gone meanwhile, or another user's
            continue
        try:
            if time.time() - os.fstat(seen).st_mtime > _NEW:
                fcntl.flock(seen, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:  # somebody compares people in there
            continue
        finally:
            os.close(seen)


def _found(row: tuple[Any, ...], names: list[str]) -> Found:
    one, other, probability, *rest = row
    evidence = []
    for place, name in enumerate(names):
        gamma, weight = int(rest[2 * place]), float(rest[2 * place + 1])
        levels = len(next(each for each in comparing.COMPARISONS if each.name == name).levels)
        evidence.append((name, levels - 1 - gamma if gamma >= 0 else -1, round(weight, 2)))
    return Found(min(one, other), max(one, other), float(probability), tuple(evidence))
