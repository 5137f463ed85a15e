"""What a URL asks with: a parameter nobody knows is refused, so that a mistyped filter never shows everything."""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja.operation import Operation

from moothall.web.api.problems import Problem


def known(operation: Operation) -> frozenset[str]:
    """The parameters of an operation's query."""
    queries = (model for model in operation.models if model.__ninja_param_source__ == "query")
    return frozenset(name for model in queries for name in model.__ninja_flatten_map__)


def refuse_unknown(view: Callable[..., Any], names: Collection[str]) -> Callable[..., Any]:
    """`view`, called only when the URL gives no other parameter than `names`; else each is answered with a sentence."""

    @wraps(view)
    def strict(request: HttpRequest, *values: Any, **named: Any) -> Any:
        if unknown := sorted(set(request.GET) - set(names)):
            errors = [(f"query.{name[:60]}", _sentence(name[:60], names)) for name in unknown[:50]]
            raise Problem(422, errors[0][1], kind="unknown-parameter", errors=errors)
        return view(request, *values, **named)

    return strict


def _sentence(name: str, names: Collection[str]) -> str:
    taken = f"It takes {', '.join(sorted(names))}." if names else "It takes none."
    return f"This address does not take the parameter “{name}”. {taken}"
