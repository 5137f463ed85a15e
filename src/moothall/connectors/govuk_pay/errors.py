"""What GOV.UK Pay refuses, by its stable codes, in sentences somebody can act on."""

from collections.abc import Mapping
from typing import Any

from moothall.domain.exchange.operations import SendError
from moothall.domain.payments.providers import NoSuchPayment, ProviderError

MISMATCH = "P0604"
_SENTENCES: Mapping[str, str] = {
    "P0199": "There is something wrong with the council's account at GOV.UK Pay: ask its support.",
    "P0501": "The payment is over already, so it cannot be cancelled.",
    "P0502": "The card is being charged at this moment, so the payment cannot be cancelled.",
    "P0603": "GOV.UK Pay cannot give this money back: it was returned already, is not settled yet or is disputed.",
    MISMATCH: "Something else was given back of this payment meanwhile: look at it again, then give back the rest.",
    "P0900": "GOV.UK Pay is busy.",
    "P0920": 'GOV.UK Pay blocked the request: take < > " \\ and | out of the text, and use an https return address.',
    "P0930": "The council's account at GOV.UK Pay may not do this: ask its support.",
    "P0940": "The council's account at GOV.UK Pay is not set up completely.",
    "P0941": "GOV.UK Pay has switched payments and refunds off for the council's account: ask its support.",
}


class PayError(SendError, ProviderError):
    """A call to GOV.UK Pay failed. `status` is its HTTP status (0: no answer), `code` its own code."""

    def __init__(self, sentence: str, *, status: int = 0, code: str = "", **more: Any) -> None:
        super().__init__(sentence, **more)
        self.status = status
        self.code = code


class PaymentNotFound(PayError, NoSuchPayment):
    """There is no such payment in the council's account."""


def sentence(code: str, description: str, status: int) -> str:
    """What to do about an error answer."""
    if code in _SENTENCES:
        return _SENTENCES[code]
    if status == 401:
        return "GOV.UK Pay does not accept our key: check it in the settings."
    if status == 404:
        return "GOV.UK Pay has no such payment."
    if status >= 500:
        return f"GOV.UK Pay is out of order (it answered {status})."
    said = f"{code}: {description}" if code else str(status)
    return f"GOV.UK Pay refused it ({said})."
