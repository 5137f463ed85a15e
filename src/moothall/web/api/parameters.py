"""What a URL asks with: a parameter nobody knows, or one given twice that takes one value, is refused.

So a mistyped filter never shows everything, and two readers of one address never read two things.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.http import HttpRequest
from ninja.operation import Operation

from moothall.web.api.problems import Problem


def known(operation: Operation) -> dict[str, bool]:
    """The parameters of an operation's query, and whether each may be given several times."""
    queries = [model for model in operation.models if model.__ninja_param_source__ == "query"]
    return {
        name: name in model.__ninja_collection_fields__ for model in queries for name in model.__ninja_flatten_map__
    }


def refuse_unknown(view: Callable[..., Any], names: Mapping[str, bool]) -> Callable[..., Any]:
    """`view`, called only when the URL gives no other parameter than `names`; else each is answered with a sentence."""

    @wraps(view)
    def strict(request: HttpRequest, *values: Any, **named: Any) -> Any:
        if unknown := sorted(set(request.GET) - set(names)):
            errors = [(f"query.{name[:60]}", _sentence(name[:60], names)) for name in unknown[:50]]
            raise Problem(422, errors[0][1], kind="unknown-parameter", errors=errors)
        if twice := [name for name, values in request.GET.lists() if len(values) > 1 and not names[name]]:
            errors = [(f"query.{name}", f"Give “{name}” once.") for name in twice]
            raise Problem(422, errors[0][1], kind="repeated-parameter", errors=errors)
        return view(request, *values, **named)

    return strict


def _sentence(name: str, names: Mapping[str, bool]) -> str:
    taken = f"It takes {', '.join(sorted(names))}." if names else "It takes none."
    return f"This address does not take the parameter “{name}”. {taken}"
