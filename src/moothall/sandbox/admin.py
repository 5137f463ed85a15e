from starlette.routing import Route

from moothall.sandbox.control import Sandbox


def routes(sandbox: Sandbox) -> list[Route]:
    return []
