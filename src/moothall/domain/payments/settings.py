"""What a council decides about payments."""

from pydantic import Field

from moothall.core.council.settings import Section


class Payments(Section):
    """How payments are taken online, how long there is to pay, and when a second officer must agree to give money back."""

    section = "payments"
    provider: str = ""  # the connector that takes them, e.g. govuk_pay; empty: none is taken online
    days_to_pay: int = Field(default=0, ge=0, le=366)  # after which what was asked for is out of date; 0: never
    second_officer_over_pence: int = Field(default=0, ge=0)  # a refund above this needs another officer; 0: none does
    receipts: bool = True  # the payer is sent one, where the service has a letter for it
