"""Calls to GOV.UK Notify through its own client, one for each thread; its errors in words."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from notifications_python_client.errors import APIError, InvalidResponse
from notifications_python_client.notifications import NotificationsAPIClient

from moothall.connectors.govuk_notify import KEY
from moothall.connectors.govuk_notify.settings import GovukNotify
from moothall.core.council.settings import read
from moothall.domain.exchange import leaving, watching
from moothall.domain.exchange.operations import SendError

A_MINUTE, A_WHILE = timedelta(seconds=60), timedelta(hours=2)
_kept = threading.local()


class NotifyError(SendError):
    """A call to GOV.UK Notify failed. `status` is its HTTP status (0: no answer)."""

    def __init__(self, sentence: str, *, status: int = 0, **more: Any) -> None:
        super().__init__(sentence, **more)
        self.status = status


def call(ask: Callable[[Any], Any], *, writing: bool = False) -> dict[str, Any]:
    """What it answers to one call. Raises NotifyError; `unknown` when something was sent and it may have it."""
    client = _current()
    if writing:
        leaving.leaves()
    try:
        answer = ask(client)
    except InvalidResponse as fault:
        raise _noted(
            NotifyError("The answer of GOV.UK Notify could not be read.", unknown=writing, retryable=not writing)
        ) from fault
    except APIError as fault:
        raise _noted(_in_words(fault, writing=writing)) from fault
    watching.called(KEY)
    return answer if isinstance(answer, dict) else {}


def _current() -> Any:
    settings = read(GovukNotify)
    if not settings.connected:
        raise NotifyError("GOV.UK Notify is not set up: enter the council's key in the settings.")
    key = (settings.base_url, settings.api_key.get_secret_value(), settings.timeout_seconds)
    if getattr(_kept, "key", None) != key:
        _kept.client = NotificationsAPIClient(key[1], base_url=key[0], timeout=key[2])  # type: ignore[no-untyped-call]
        _kept.key = key
    return _kept.client


def _in_words(fault: APIError, *, writing: bool) -> NotifyError:
    status = fault.status_code if fault.response is not None else 0
    errors = fault.message if isinstance(fault.message, list) else []
    said = "; ".join(str(one.get("message", "")) for one in errors if isinstance(one, dict))[:300]
    kinds = {str(one.get("error", "")) for one in errors if isinstance(one, dict)}
    response = {"status": status, "body": {"errors": errors}}
    if status == 0:
        sentence = "GOV.UK Notify could not be reached, or did not answer in time."
        return NotifyError(sentence, unknown=writing, retryable=not writing)
    if status == 429:
        wait = A_WHILE if "TooManyRequestsError" in kinds else A_MINUTE
        what = "The messages of the day are used up" if wait == A_WHILE else "GOV.UK Notify takes no more this minute"
        return NotifyError(f"{what}.", status=status, retryable=True, retry_after=wait, response=response)
    if status >= 500:
        sentence = f"GOV.UK Notify is out of order (it answered {status})."
        return NotifyError(sentence, status=status, unknown=writing, retryable=not writing, response=response)
    if status in (401, 403):
        sentence = f"GOV.UK Notify does not accept our key: check it in the settings ({said})."
    elif said.startswith("Missing personalisation: "):
        sentence = f"The template has placeholders nothing was given for: {said.partition(': ')[2]}."
    elif status == 404:
        sentence = "GOV.UK Notify has no such template or message: check the template's id."
    else:
        sentence = f"GOV.UK Notify refused it: {said or status}."
    return NotifyError(sentence, status=status, response=response)


def _noted(error: NotifyError) -> NotifyError:
    ours = 400 <= error.status < 500 and error.status not in (401, 403, 429)
    watching.called(KEY, problem="" if ours else str(error))
    return error
