"""A system that look-ups of forms ask: vehicles, addresses and permits that are made up, for whoever has the key.

Faults strike it as they strike the service: a rule with the pattern `/rest/`. `GET /rest/much` answers with a megabyte.
"""

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

PATH = "/rest"
HEADER = "x-api-key"
VEHICLES = {
    "AB12CDE": {"make": "FORD", "tax": {"status": "Taxed"}},
    "ZZ99ZZZ": {"make": "SAAB", "tax": {"status": "SORN"}},
}
ADDRESSES = {
    "EX12AB": [
        {"uprn": 100010, "text": "4 Sample Street, Exampleton"},
        {"uprn": 100011, "text": "6 Sample Street, Exampleton"},
    ]
}


class Rest:
    """The system, and its `key`."""

    def __init__(self) -> None:
        self.key = secrets.token_hex(16)

    def routes(self) -> list[Route]:
        """Where it answers."""
        return [
            Route(f"{PATH}/", self._guarded(lambda _request: {"works": True})),
            Route(f"{PATH}/vehicles/{{registration}}", self._guarded(_vehicle)),
            Route(f"{PATH}/addresses", self._guarded(_addresses)),
            Route(f"{PATH}/permits", self._permit, methods=["POST"]),
            Route(f"{PATH}/much", self._guarded(lambda _request: {"much": "x" * 1_000_000})),
        ]

    def _guarded(self, found: Callable[[Request], Any]) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if request.headers.get(HEADER) != self.key:
                return JSONResponse({"error": "No key."}, status_code=401)
            said = found(request)
            return JSONResponse({"error": "There is none."}, status_code=404) if said is None else JSONResponse(said)

        return answer

    async def _permit(self, request: Request) -> Any:
        given = await request.json()
        number = str(given.get("permitNumber", "")).upper()
        return await self._guarded(lambda _request: {"name": "Ann Example"} if number == "P-100" else None)(request)


def _vehicle(request: Request) -> Any:
    return VEHICLES.get(request.path_params["registration"].upper().replace(" ", ""))


def _addresses(request: Request) -> Any:
    code = request.query_params.get("postcode", "").upper().replace(" ", "")
    return {"results": ADDRESSES.get(code, [])}
