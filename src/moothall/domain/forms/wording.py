"""The sentences the engine itself says to whoever fills in a form, in English and Welsh."""

from collections.abc import Mapping

from moothall.domain.forms.definition import Question

_REQUIRED: Mapping[str, tuple[str, str]] = {
    "choice": ("Choose an answer to “{label}”.", "Dewiswch ateb i “{label}”."),
    "choices": ("Choose at least one answer to “{label}”.", "Dewiswch o leiaf un ateb i “{label}”."),
    "yes_no": ("Choose yes or no for “{label}”.", "Dewiswch ie neu na ar gyfer “{label}”."),
    "upload": ("Choose a file for “{label}”.", "Dewiswch ffeil ar gyfer “{label}”."),
    "declaration": ("Tick the box to go on: “{label}”.", "Ticiwch y blwch i fynd ymlaen: “{label}”."),
    "signature": ("Type your name to sign: “{label}”.", "Teipiwch eich enw i lofnodi: “{label}”."),
    "group": ("Add at least one answer to “{label}”.", "Ychwanegwch o leiaf un ateb i “{label}”."),
}
_SAID: Mapping[str, tuple[str, str]] = {
    "required": ("Enter an answer to “{label}”.", "Rhowch ateb i “{label}”."),
    "check": ("This answer to “{label}” is not allowed.", "Ni chaniateir yr ateb hwn i “{label}”."),
    "text": ("“{label}” must be text.", "Rhaid i “{label}” fod yn destun."),
    "longest": ("“{label}” must be {most} characters or fewer.", "Rhaid i “{label}” fod yn {most} nod neu lai."),
    "number": ("“{label}” must be a number, such as 12 or 1.5.", "Rhaid i “{label}” fod yn rhif, megis 12 neu 1.5."),
    "money": (
        "“{label}” must be an amount in pounds and pence, such as 10.00.",
        "Rhaid i “{label}” fod yn swm mewn punnoedd a cheiniogau, megis 10.00.",
    ),
    "date": ("“{label}” must be a real date.", "Rhaid i “{label}” fod yn ddyddiad go iawn."),
    "yes_no": ("“{label}” must be yes or no.", "Rhaid i “{label}” fod yn ie neu na."),
    "choice": ("Choose one of the answers to “{label}”.", "Dewiswch un o’r atebion i “{label}”."),
    "email": (
        "Enter an e-mail address in the correct form, such as name@example.com.",
        "Rhowch gyfeiriad e-bost yn y ffurf gywir, megis enw@example.com.",
    ),
    "phone": (
        "Enter a telephone number, such as 01632 960 001 or 07700 900 982.",
        "Rhowch rif ffôn, megis 01632 960 001 neu 07700 900 982.",
    ),
    "nino": (
        "Enter a National Insurance number in the correct form, such as AB 12 34 56 C.",
        "Rhowch rif Yswiriant Gwladol yn y ffurf gywir, megis AB 12 34 56 C.",
    ),
    "line1": ("Enter the first line of the address.", "Rhowch linell gyntaf y cyfeiriad."),
    "town": ("Enter the town or city.", "Rhowch y dref neu’r ddinas."),
    "postcode": ("Enter a full UK postcode, such as EX1 2AB.", "Rhowch god post llawn y DU, megis EX1 2AB."),
    "account_name": ("Enter the name on the account.", "Rhowch yr enw ar y cyfrif."),
    "sort_code": ("Enter a sort code of 6 digits.", "Rhowch god didoli o 6 digid."),
    "account_number": (
        "Enter an account number of 6 to 8 digits.",
        "Rhowch rif cyfrif o 6 i 8 digid.",
    ),
    "registration": ("Enter a registration number of up to 8 letters and digits.", "Rhowch rif cofrestru o hyd at 8 llythyren a digid."),
    "map_pin": ("Choose a place on the map, or describe it.", "Dewiswch le ar y map, neu ei ddisgrifio."),
    "agreed": ("Tick the box to sign.", "Ticiwch y blwch i lofnodi."),
    "least": ("“{label}” must be {least} or more.", "Rhaid i “{label}” fod yn {least} neu fwy."),
    "most": ("“{label}” must be {most} or less.", "Rhaid i “{label}” fod yn {most} neu lai."),
    "fewest": ("“{label}” needs at least {least}.", "Mae angen o leiaf {least} ar “{label}”."),
    "most_items": ("“{label}” can have {most} at most.", "Gall “{label}” gynnwys {most} ar y mwyaf."),
    "upload": ("The file for “{label}” is not among those uploaded.", "Nid yw’r ffeil ar gyfer “{label}” ymhlith y rhai a uwchlwythwyd."),
    "in_item": ("{item} {number}: {sentence}", "{item} {number}: {sentence}"),
}  # fmt: skip


def required(question: Question, language: str) -> str:
    """What is said when a question was not answered."""
    if question.messages.required:
        return question.messages.required.of(language)
    english, welsh = _REQUIRED.get(question.type, _SAID["required"])
    return (welsh if language == "cy" else english).format(label=question.label.of(language))


def said(key: str, question: Question, language: str, **more: object) -> str:
    """One of our sentences about an answer."""
    english, welsh = _SAID[key]
    return (welsh if language == "cy" else english).format(label=question.label.of(language), **more)


def yes_no(answer: bool, language: str) -> str:
    """The word for yes or no."""
    return ("Ie" if answer else "Na") if language == "cy" else ("Yes" if answer else "No")
