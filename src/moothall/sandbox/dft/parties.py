"""Who an application or a badge is for, as both services take it: the same fields, each with its own limits."""

import re

from moothall.sandbox.dft import patterns
from moothall.sandbox.dft.beans import Bean, Text


def contact(*, street: int, other_lines: int, postcode: re.Pattern[str]) -> Bean:
    """How to reach them. `street` and `other_lines` are the greatest lengths of the lines of the address."""
    return Bean(
        required=True,
        fields={
            "fullName": Text(most=100),
            "buildingStreet": Text(required=True, most=street),
            "line2": Text(most=other_lines),
            "townCity": Text(required=True, most=other_lines),
            "postCode": Text(required=True, pattern=postcode),
            "primaryPhoneNumber": Text(required=True, most=20),
            "secondaryPhoneNumber": Text(most=20),
            "emailAddress": Text(most=100, pattern=patterns.EMAIL),
        },
    )
