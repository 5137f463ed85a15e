"""API version 1: what it is made of."""

from ninja import NinjaAPI

from moothall.core.accounts.actions import AccountRefused
from moothall.core.accounts.tokens import TokenRefused
from moothall.web.api import problems
from moothall.web.api.routes import tokens
from moothall.web.api.text import StrictParser

api = NinjaAPI(
    title="Moothall",
    version="1",
    description="Cases, the work on them, people and the integration queue. Errors are application/problem+json.",
    urls_namespace="api",
    docs_url=None,
    parser=StrictParser(),
)
problems.register(api)
problems.refuse(api, TokenRefused, 422)
problems.refuse(api, AccountRefused, 422)
api.add_router("", tokens.router)
