"""What a letter looks like without a case: a made-up applicant, answers and chosen values in place of the real ones."""

from collections.abc import Mapping
from datetime import date, timedelta

from moothall.core.council.settings import Council, read
from moothall.core.lists import actions as lists
from moothall.domain.catalogue.letters import Letter
from moothall.domain.messages import words
from moothall.domain.workflow.definition import Question

CHOSEN = 3
"""Values of a list that are taken as chosen."""

NAME, ORGANISATION = "Mary Example", "Example Day Centre"
LINES = ("1 Example Street", "Exampleton", "EX1 2AB")
EMAIL = "mary@example.org"
REFERENCE = "BB-7K3M-Q2R8"

_APPLICANT = {
    "title": "Mrs",
    "first_name": "Mary",
    "last_name": "Example",
    "full_name": NAME,
    "organisation": "",
    "postcode": LINES[-1],
    "badge_number": "AB12CD",
    "case_ref": REFERENCE,
    "case_type": "new",
    "case_source": "online",
    "amount_due": "£10.00",
    "amount_paid": "£10.00",
    "paid_for": "Badge fee",
    "paid_on": "3 March 2026",
    "payment_reference": "BB-7K3M-Q2R8-1-1",
}
_THINGS = {"en": ["Proof of your address", "A photograph of you"], "cy": ["Prawf o'ch cyfeiriad", "Ffotograff ohonoch"]}
_TEXT = {"en": "what was answered", "cy": "yr hyn a atebwyd"}


def values(letter: Letter, *, language: str, on: date, organisation: bool = False) -> dict[str, object]:
    """What every placeholder of a letter holds for a made-up applicant, a person or an organisation, on a day."""
    council, own = read(Council), words.of(language)
    day = words.day(on, language)
    found: dict[str, object] = {
        **_APPLICANT,
        "service_name": letter.service.name,
        "salutation": f"{own['dear']} Mrs Example",
        "opened_on": words.day(on - timedelta(days=10), language),
        "answer_by": words.day(on + timedelta(days=28), language),
        "today": day,
        "council_name": council.name,
        "council_phone": council.phone,
        "council_email": council.email,
        "council_website": council.website,
        "selfserve_link": f"{(council.public_url or 'https://www.example.org').rstrip('/')}/cases/{REFERENCE}",
        "address_lines": [*LINES],
        "council_address": [*council.address],
        "request_items": [*_THINGS.get(language, _THINGS["en"])],
    }
    if organisation:
        nobody = dict.fromkeys(("title", "first_name", "last_name"), "")
        said = {"salutation": f"{own['dear']} {own['sir_or_madam']}"}
        found |= nobody | said | {"full_name": ORGANISATION, "organisation": ORGANISATION}
    return found | _answers(letter, letter.questions, language=language, day=day)


def chosen(letter: Letter) -> tuple[str, list[str]]:
    """The list whose paragraphs the letter carries, and the values of it taken as chosen; nothing when it carries none."""
    for use in letter.uses:
        if use.list:
            return use.list, [value.key for value in lists.values(use.list)[:CHOSEN]]
    return "", []


def _answers(
    letter: Letter, questions: Mapping[str, Question], *, language: str, day: str
) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    labels: dict[str, list[str]] = {}
    for placeholder, question in questions.items():
        if question.list and question.list not in labels:
            labels[question.list] = [value.label for value in lists.values(f"{letter.service.key}.{question.list}")[:2]]
        offered = labels.get(question.list or "", [])
        match question.type:
            case "date":
                found[placeholder] = day
            case "money":
                found[placeholder] = "£10.00"
            case "yes_no":
                found[placeholder] = words.of(language)["yes"]
            case "number":
                found[placeholder] = "3"
            case "choice":
                found[placeholder] = "".join(offered[:1])
            case "choices":
                found[placeholder] = offered
            case _:
                found[placeholder] = _TEXT.get(language, _TEXT["en"])
    return found
