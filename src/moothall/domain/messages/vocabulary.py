"""The placeholders every message about a case may use. What they hold is worked out by the cases themselves."""

from moothall.domain.messages.language import Vocabulary

CASES = Vocabulary(
    lines={
        "case_ref": "The reference of the case, e.g. BB-7K3M-Q2R8",
        "service_name": "The name of the service, e.g. Blue Badge",
        "case_type": "The key of the case type, for conditions, e.g. renewal",
        "case_source": "The key of the case's source, for conditions, e.g. paper",
        "opened_on": "The day the case was opened, in words",
        "salutation": "Dear and the name of whoever the message is to",
        "title": "The applicant's title, empty when not known",
        "first_name": "The applicant's first names",
        "last_name": "The applicant's last name",
        "full_name": "The applicant's whole name, or the organisation's",
        "organisation": "The organisation's name, empty for a person",
        "postcode": "The applicant's postcode, empty when not known",
        "badge_number": "The applicant's newest badge number, empty when not known",
        "answer_by": "The day to answer the open request by, in words, empty when nothing is asked",
        "amount_due": "What was asked for and is not paid yet, e.g. £10.00, empty when nothing is",
        "amount_paid": "What was paid last, e.g. £10.00, empty when nothing was",
        "paid_for": "What was paid for last",
        "paid_on": "The day of the last payment, in words",
        "payment_reference": "The reference of the last payment, empty when it has none",
        "today": "The day the message is written, in words",
        "council_name": "The council's name",
        "council_phone": "The council's telephone number",
        "council_email": "The council's e-mail address",
        "council_website": "The council's website",
        "selfserve_link": "The address of the page where the applicant follows the case",
    },
    lists={
        "address_lines": "The applicant's address, a line each",
        "council_address": "The council's address, a line each",
        "request_items": "What the open request asks for",
    },
    blocks={"paragraphs": "The paragraphs of the chosen values, in the order of their list"},
)


def described(placeholder: str) -> str:
    """A placeholder with what it holds, for who has never written a template."""
    for known in (CASES.lines, CASES.lists, CASES.blocks):
        if placeholder in known:
            return f"“{placeholder}” ({known[placeholder].partition(',')[0].lower()})"
    return f"“{placeholder}”"
