"""The look-up lists of people and organisations (PPP-51): the values they begin with, and what each value says."""

from collections.abc import Mapping
from typing import Any, Literal

from django.db import connection
from django.utils.translation import gettext_lazy as _

from moothall.core.lists import actions as lists
from moothall.core.lists.declared import Declared, Rule, Standard, declare, held
from moothall.domain.people.models import (
    ContactDetail,
    ExternalReference,
    Flag,
    Need,
    Person,
    Preference,
    Relationship,
)
from moothall.kit.invalid import Invalid

Form = Literal["email", "phone", "text"]

_FIRST_TWICE = """
    SELECT number FROM people_externalreference WHERE type = %s GROUP BY number HAVING count(*) > 1 LIMIT 1
"""


def forms() -> dict[str, Form]:
    """What each way to reach somebody must be written like, by the key of its type, for those of which it is said."""
    return {row.key: row.rules["form"] for row in lists.every_value(CONTACTS.key) if row.rules.get("form")}


def belongs_to_one(type: str) -> bool:
    """Whether a number of this type belongs to one customer alone; so it is for a type the list does not have."""
    known = lists.rules(REFERENCES.key).get(type)
    return bool(known["once"]) if known else True


def _restriction_changed(key: str, rules: Mapping[str, Any]) -> None:
    """Flags become restricted with their type; what some eyes alone were to see is never shown to others by a tick."""
    if rules["restricted"]:
        Flag.objects.filter(type=key, restricted=False).update(restricted=True)
    elif Flag.objects.filter(type=key, restricted=True).exists():
        raise Invalid(
            "Flags of this kind were set for few to see, and would be shown to everybody. Retire it and add another."
        )


def _form_changed(key: str, _rules: Mapping[str, Any]) -> None:
    if ContactDetail.objects.filter(type=key).exists():
        raise Invalid(
            "Contact details of this kind are recorded, checked by how they are written now. Retire it and add another."
        )


def _once_changed(key: str, rules: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        if rules["once"]:
            cursor.execute(_FIRST_TWICE, [key])
            if twice := cursor.fetchone():
                raise Invalid(
                    f"The number {twice[0]} is recorded for more than one customer. Put that right, then it can be one's alone."
                )
        once = rules["once"]
        cursor.execute(
            "UPDATE people_externalreference SET once = %s WHERE type = %s AND once <> %s", [once, key, once]
        )


CONTACTS = declare(
    Declared(
        key="contact_types",
        name=_("Ways to reach somebody"),
        hint=_("What a contact detail can be, and how it is written."),
        rules=(
            Rule(
                "form",
                _("What it is"),
                _("An e-mail address and a telephone number are checked as they are typed."),
                choices=(("email", _("E-mail address")), ("phone", _("Telephone number")), ("text", _("Any text"))),
                default="text",
            ),
        ),
        values=(
            Standard("email", _("E-mail"), {"form": "email"}),
            Standard("phone", _("Telephone"), {"form": "phone"}),
            Standard("mobile", _("Mobile"), {"form": "phone"}),
            Standard("home_phone", _("Home telephone"), {"form": "phone"}),
            Standard("work_phone", _("Work telephone"), {"form": "phone"}),
            Standard("other_phone", _("Other telephone"), {"form": "phone"}),
        ),
        used=held(ContactDetail, "type"),
        change=_form_changed,
    )
)
REFERENCES = declare(
    Declared(
        key="reference_types",
        name=_("Numbers of other systems"),
        hint=_("By which numbers other systems know a customer."),
        rules=(
            Rule(
                "once",
                _("Belongs to one customer alone"),
                _("A badge is one person's. A council tax account can be that of several."),
                switch=True,
                default=True,
            ),
        ),
        values=(
            Standard("badge_number", _("Badge number")),
            Standard("freedom_pass_number", _("Freedom Pass number")),
            Standard("taxicard_number", _("Taxicard number")),
            Standard("council_tax", _("Council tax account"), {"once": False}),
            Standard("tenancy", _("Tenancy"), {"once": False}),
            Standard("social_care", _("Social care number")),
            Standard("electoral_roll", _("Electoral register number")),
        ),
        used=held(ExternalReference, "type"),
        change=_once_changed,
    )
)
RELATIONSHIPS = declare(
    Declared(
        key="relationship_types",
        name=_("Relationships"),
        hint=_("What customers are to each other, as either of them says it."),
        rules=(
            Rule(
                "inverse",
                _("As the other says it"),
                _("“Parent of” is “Child of” for the other. Leave it empty if both say the same, like “Partner of”."),
            ),
        ),
        values=(
            Standard("parent", _("Parent of"), {"inverse": _("Child of")}),
            Standard("guardian", _("Guardian of"), {"inverse": _("Ward of")}),
            Standard("partner", _("Partner of")),
            Standard("relative", _("Relative of")),
            Standard("carer", _("Carer of"), {"inverse": _("Cared for by")}),
            Standard("acts_for", _("Acts for"), {"inverse": _("Is represented by")}),
            Standard("advocate", _("Advocate of"), {"inverse": _("Has as advocate")}),
            Standard("landlord", _("Landlord of"), {"inverse": _("Tenant of")}),
            Standard("works_for", _("Works for"), {"inverse": _("Employs")}),
            Standard("speaks_for", _("Whom to speak to at"), {"inverse": _("Speak to")}),
        ),
        used=held(Relationship, "kind"),
        longest_key=30,
    )
)
GENDERS = declare(
    Declared(
        key="genders",
        name=_("Genders"),
        hint=_("What somebody can say that they are. A system that knows fewer is told “unspecified” of the others."),
        values=(
            Standard("female", _("Female")),
            Standard("male", _("Male")),
            Standard("unspecified", _("Unspecified")),
        ),
        used=held(Person, "gender"),
        longest_key=12,
    )
)
LANGUAGES = declare(
    Declared(
        key="languages",
        name=_("Languages people speak"),
        hint=_("In which language somebody prefers to be spoken to. Letters are written in English or Welsh."),
        values=(
            Standard("english", _("English")),
            Standard("welsh", _("Welsh")),
            Standard("bsl", _("British Sign Language")),
            Standard("arabic", _("Arabic")),
            Standard("bengali", _("Bengali")),
            Standard("gujarati", _("Gujarati")),
            Standard("panjabi", _("Panjabi")),
            Standard("polish", _("Polish")),
            Standard("portuguese", _("Portuguese")),
            Standard("romanian", _("Romanian")),
            Standard("somali", _("Somali")),
            Standard("spanish", _("Spanish")),
            Standard("ukrainian", _("Ukrainian")),
            Standard("urdu", _("Urdu")),
        ),
        used=held(Person, "speaks"),
    )
)
NEEDS = declare(
    Declared(
        key="communication_needs",
        name=_("Communication needs"),
        hint=_("How somebody must be told things. Shown wherever a letter or a call is about to be made."),
        values=(
            Standard("large_print", _("Large print")),
            Standard("easy_read", _("Easy read")),
            Standard("braille", _("Braille")),
            Standard("audio", _("Audio")),
            Standard("bsl", _("British Sign Language interpreter")),
            Standard("interpreter", _("Interpreter")),
            Standard("relay", _("Relay service for calls")),
            Standard("telephone_only", _("Telephone only")),
            Standard("writing_only", _("In writing only")),
            Standard("other", _("Other")),
        ),
        used=held(Need, "kind"),
    )
)
CHANNELS = declare(
    Declared(
        key="contact_channels",
        name=_("Ways somebody agrees to be reached"),
        hint=_("For what somebody agreed to or refused."),
        values=(
            Standard("any", _("Any way")),
            Standard("email", _("E-mail")),
            Standard("letter", _("Letter")),
            Standard("phone", _("Telephone")),
            Standard("text", _("Text message")),
            Standard("visit", _("Visit")),
        ),
        used=held(Preference, "channel"),
    )
)
PURPOSES = declare(
    Declared(
        key="contact_purposes",
        name=_("What somebody agrees to be reached for"),
        hint=_("For what somebody agreed to or refused."),
        values=(
            Standard("cases", _("About their cases")),
            Standard("services", _("About other services of the council")),
            Standard("surveys", _("Surveys and consultations")),
            Standard("partners", _("Sharing with partner organisations")),
        ),
        used=held(Preference, "purpose"),
    )
)
FLAG_TYPES = declare(
    Declared(
        key="flag_types",
        name=_("Warnings about people"),
        hint=_("What a flag on somebody can be, who sees it, and when it is looked at again."),
        rules=(
            Rule(
                "restricted",
                _("Only for who may see restricted flags"),
                _("Nobody else learns that there is one, and flags set already become so as well."),
                switch=True,
                default=False,
            ),
            Rule(
                "review_months",
                _("Look at it again after"),
                _("Whoever sets the flag may choose an earlier or later day."),
                choices=(
                    ("", _("No day")),
                    ("3", _("3 months")),
                    ("6", _("6 months")),
                    ("12", _("12 months")),
                    ("24", _("24 months")),
                ),
            ),
        ),
        values=(
            Standard("not_alone", _("Do not visit alone"), {"review_months": "12"}),
            Standard("dog", _("Dog"), {"review_months": "12"}),
            Standard("aggressive", _("Aggressive or violent"), {"restricted": True, "review_months": "6"}),
            Standard("vulnerable", _("Vulnerable"), {"review_months": "12"}),
            Standard("at_risk", _("At risk of harm"), {"restricted": True, "review_months": "6"}),
            Standard("address_secret", _("Address must not be told"), {"review_months": "12"}),
        ),
        used=held(Flag, "type"),
        change=_restriction_changed,
    )
)
