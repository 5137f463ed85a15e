"""Boxes and the ways between them as an SVG that stands alone: the stages of a workflow, the pages of a form.

A box has a row for each way out of it, and the row says where the way leads. Columns follow the distance from the first box; a
line is drawn where a way goes on to the next column, so that lines never cross a box; ways back and within a column are told
by their row alone. What colour says, words say too, and the description reads the whole to whoever cannot see it.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape

_WIDTH, _GAP_X, _GAP_Y, _MARGIN = 270, 110, 34, 30
_HEADER, _ROW = 58, 42
_NAME_LENGTH, _ROW_LENGTH = 28, 38
_FILLS = {"holding": "#f3f2f1", "automatic": "#e8f1f8"}


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of a box: what it is called, the id of the box it leads to, and where that is, in words."""

    name: str
    to: str
    says: str
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """One box, with short marks under its name. `pale` is its shade: holding, automatic or none."""

    id: str
    name: str
    marks: tuple[str, ...]
    ways: tuple[Way, ...]
    lit: bool = False
    pale: str = ""
    dashed: bool = False


@dataclass(frozen=True)
class Chart:
    """All boxes, of which `start` is the first; `key` is part of the ids in the picture."""

    key: str
    name: str
    told: str
    start: str
    boxes: tuple[Box, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Box]:
        """The boxes by their ids."""
        return {box.id: box for box in self.boxes}


@dataclass(frozen=True, slots=True)
class _Place:
    x: int
    y: int
    height: int
    rank: int


def _ranks(chart: Chart) -> dict[str, int]:
    """Each box's distance from the first, so that no way skips a column; what nothing leads to comes last."""
    ranks = {chart.start: 0} if chart.start in chart.by_id else {}
    waiting = deque(ranks)
    while waiting:
        id = waiting.popleft()
        for way in chart.by_id[id].ways:
            if way.to and way.to not in ranks and way.to in chart.by_id:
                ranks[way.to] = ranks[id] + 1
                waiting.append(way.to)
    last = max(ranks.values(), default=-1) + 1
    return {box.id: ranks.get(box.id, last) for box in chart.boxes}


def _columns(chart: Chart, ranks: dict[str, int]) -> list[list[str]]:
    """The boxes of each column, ordered so that each lies near those that lead to it."""
    columns: list[list[str]] = [[] for _ in range(max(ranks.values()) + 1)]
    for id, rank in ranks.items():
        columns[rank].append(id)
    place: dict[str, float] = {id: index for index, id in enumerate(columns[0])}
    sources: dict[str, list[float]] = {}
    for before, column in zip([[], *columns], columns, strict=False):
        for id in before:
            ways = chart.by_id[id].ways
            for index, way in enumerate(ways):
                sources.setdefault(way.to, []).append(place[id] + index / len(ways))
        pull = {id: sum(sources[id]) / len(sources[id]) if id in sources else len(column) for id in column}
        column.sort(key=pull.__getitem__)
        place.update({id: index for index, id in enumerate(column)})
    return columns


def _layout(chart: Chart) -> dict[str, _Place]:
    places: dict[str, _Place] = {}
    for rank, column in enumerate(_columns(chart, _ranks(chart))):
        y = _MARGIN
        for id in column:
            height = _HEADER + _ROW * len(chart.by_id[id].ways)
            places[id] = _Place(_MARGIN + rank * (_WIDTH + _GAP_X), y, height, rank)
            y += height + _GAP_Y
    return places


def svg(chart: Chart) -> str:
    """The chart as a self-contained SVG document. It has at least one box."""
    places = _layout(chart)
    width = max(place.x for place in places.values()) + _WIDTH + _MARGIN
    height = max(place.y + place.height for place in places.values()) + _MARGIN
    name = chart.key
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" aria-labelledby="{name}-title {name}-desc" font-family="Arial, Helvetica, sans-serif">',
        f'<title id="{name}-title">{escape(chart.name)}</title>',
        f'<desc id="{name}-desc">{escape(chart.told)}</desc>',
        f'<defs><marker id="{name}-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8"'
        ' orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#505a5f"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_lines(chart, places, f"{name}-arrow"),
    ]
    for box in chart.boxes:
        parts += _drawn(box, places)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _lines(chart: Chart, places: dict[str, _Place], arrow: str) -> Iterator[str]:
    for box in chart.boxes:
        place = places[box.id]
        for index, way in enumerate(box.ways):
            target = places.get(way.to)
            if target and target.rank > place.rank:
                x, y = place.x + _WIDTH, place.y + _HEADER + index * _ROW + _ROW // 2
                to_y, bend = target.y + _HEADER // 2, _GAP_X // 2
                yield (
                    f'<path d="M{x} {y}C{x + bend} {y} {target.x - bend} {to_y} {target.x} {to_y}" fill="none"'
                    f' stroke="#505a5f" stroke-width="1.5" marker-end="url(#{arrow})"/>'
                )


def _drawn(box: Box, places: dict[str, _Place]) -> Iterator[str]:
    place = places[box.id]
    fill = "#fff7bf" if box.lit else _FILLS.get(box.pale, "#ffffff")
    dashes = ' stroke-dasharray="8 4"' if box.dashed else ""
    yield f'<g><title>{escape(box.name)}</title><rect x="{place.x}" y="{place.y}" width="{_WIDTH}"'
    yield f' height="{place.height}" rx="6" fill="{fill}" stroke="#0b0c0c" stroke-width="{4 if box.lit else 1.5}"{dashes}/>'
    yield _text(place.x + 12, place.y + 24, box.name, _NAME_LENGTH, 'font-size="16" font-weight="bold"')
    if box.marks:
        small = 'font-size="12" fill="#505a5f"'
        yield _text(place.x + 12, place.y + 44, " · ".join(box.marks), _ROW_LENGTH + 6, small)
    for index, way in enumerate(box.ways):
        y = place.y + _HEADER + index * _ROW
        yield f'<line x1="{place.x}" y1="{y}" x2="{place.x + _WIDTH}" y2="{y}" stroke="#b1b4b6"/>'
        yield _text(place.x + 12, y + 17, way.name, _ROW_LENGTH, 'font-size="13"')
        says = way.says if way.ends else f"{_arrow(places.get(way.to), place)} {way.says}"
        yield _text(place.x + 12, y + 34, says, _ROW_LENGTH, 'font-size="12" fill="#505a5f"')
    yield "</g>"


def _arrow(target: _Place | None, here: _Place) -> str:
    columns_on = target.rank - here.rank if target else 1
    return "→" if columns_on > 0 else "←" if columns_on < 0 else "↕"


def _text(x: int, y: int, text: str, longest: int, style: str) -> str:
    """A line of text, cut to fit with the whole of it as its tooltip."""
    line = " ".join(text.split())
    if len(line) <= longest:
        return f'<text x="{x}" y="{y}" {style}>{escape(line)}</text>'
    cut = escape(line[: longest - 1].rstrip())
    return f'<text x="{x}" y="{y}" {style}>{cut}…<title>{escape(line)}</title></text>'
