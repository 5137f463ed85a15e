"""Names that live in code above the catalogue: connectors, their operations and states, hooks of services, kinds of thing
to do.

Each layer that has such names provides them once, as its app starts.
"""

from collections.abc import Callable, Iterable

_providers: dict[str, Callable[[], Iterable[str]]] = {}


def provide(kind: str, names: Callable[[], Iterable[str]]) -> None:
    """Say where the names of one kind (connectors, operations, reply_states, hooks, intention_types) come from."""
    _providers[kind] = names


def names(kind: str) -> frozenset[str]:
    """Every known name of a kind; none when nobody provides it."""
    provider = _providers.get(kind)
    return frozenset(provider()) if provider else frozenset()
