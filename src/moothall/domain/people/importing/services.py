"""The services of the council, to which earlier contacts and cases belong. The catalogue tells of them, as it knows them."""

from collections.abc import Callable, Mapping

Names = Callable[[], Mapping[str, str]]
_told: list[Names] = []


def told_by(names: Names) -> None:
    """Have `names` say which services there are: their names by their keys."""
    _told.append(names)


def known() -> dict[str, str]:
    """The services there are: their names by their keys."""
    return {key: name for names in _told for key, name in names().items()}
