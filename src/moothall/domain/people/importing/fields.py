"""What a column of a file can be, and what its heading says it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from moothall.core.lists import actions as lists
from moothall.domain.people import lists as people_lists
from moothall.domain.people.importing.carried import ACCOUNT, DEALING
from moothall.domain.people.names import fold

CONTACT, REFERENCE = "contact:", "reference:"
PERSON = {
    "title": "Title",
    "first_names": "First names",
    "last_name": "Last name",
    "full_name": "Whole name, such as Mx Ana van der Berg",
    "known_as": "Known as",
    "name_at_birth": "Name at birth",
    "date_of_birth": "Date of birth",
    "gender": "Gender",
    "nino": "National Insurance number",
    "language": "Language of letters",
}
ORGANISATION = {
    "organisation": "Name of the organisation",
    "charity_number": "Charity number",
    "contact_name": "Whom to speak to there",
}
ADDRESS = {
    "address": "Whole address in one value",
    "line1": "First line of the address",
    "line2": "Second line of the address",
    "town": "Town or city",
    "postcode": "Postcode",
    "uprn": "UPRN",
}
OTHER = {"tags": "Tags, separated by commas"}
_HEADINGS = {
    "title": "title salutation",
    "first_names": "firstnames firstname forename forenames givenname givennames christianname",
    "last_name": "lastname surname familyname",
    "full_name": "name fullname customername",
    "known_as": "knownas preferredname",
    "name_at_birth": "nameatbirth maidenname birthname",
    "date_of_birth": "dateofbirth dob birthdate born birthday",
    "gender": "gender sex",
    "nino": "nino ninumber ni nationalinsurancenumber nationalinsurance",
    "language": "language preferredlanguage",
    "organisation": "organisation organisationname organization company companyname",
    "charity_number": "charitynumber charityno",
    "contact_name": "contactname contactperson",
    "address": "address fulladdress",
    "line1": "line1 addressline1 address1 street",
    "line2": "line2 addressline2 address2 locality",
    "town": "town city posttown addresstown",
    "postcode": "postcode postalcode addresspostcode",
    "uprn": "uprn",
    "tags": "tags",
    "account_email": "accountemail loginemail signinemail",
    "account_since": "accountcreated accountopened registeredon registrationdate",
    "dealing_number": "interactionid interactionnumber contactid crmcase crmcasenumber caseid casenumber",
    "dealing_kind": "interactiontype recordtype casetype",
    "dealing_on": "interactiondate contactdate caseopened openedon dateopened",
    "dealing_ended": "caseclosed closedon dateclosed",
    "dealing_subject": "subject casesubject interactionsubject",
    "dealing_text": "description casedescription interactionnotes",
    "dealing_way": "channel contactchannel",
    "dealing_stood": "casestatus",
    "contact:email": "email emailaddress mail",
    "contact:phone": "phone telephone tel phonenumber telephonenumber",
    "contact:mobile": "mobile mobilephone mobilenumber mobiletelephone",
}


@dataclass(frozen=True)
class Group:
    """Fields of one kind, for choosing among them."""

    name: str
    fields: Mapping[str, str]


def groups() -> list[Group]:
    """Every field there is, with its label. Ways to reach somebody and numbers elsewhere are those of the lists."""
    contacts = {f"{CONTACT}{one.key}": one.label for one in lists.values(people_lists.CONTACTS.key)}
    numbers = {f"{REFERENCE}{one.key}": one.label for one in lists.values(people_lists.REFERENCES.key)}
    return [
        Group("Person", PERSON),
        Group("Organisation", ORGANISATION),
        Group("Ways to reach them", contacts),
        Group("Address", ADDRESS),
        Group("Numbers of other systems", numbers),
        Group("Other", OTHER),
        Group("Account of the website", ACCOUNT),
        Group("Earlier contacts and cases", DEALING),
    ]


def labels() -> dict[str, str]:
    """The label of every field."""
    return {key: label for group in groups() for key, label in group.fields.items()}


def propose(headings: Sequence[str]) -> dict[str, str]:
    """The field of each heading that names one; each field once. Of contacts and cases nothing, unless they have a number."""
    known: dict[str, str] = {}
    for key, label in labels().items():
        for word in (*_HEADINGS.get(key, "").upper().split(), fold(label), fold(key.rpartition(":")[2])):
            known.setdefault(word, key)
    found: dict[str, str] = {}
    for heading in headings:
        field = known.get(fold(heading))
        if field and field not in found.values():
            found[heading] = field
    if "dealing_number" not in found.values():
        return {heading: field for heading, field in found.items() if field not in DEALING}
    return found
