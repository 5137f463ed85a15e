"""A template's text as the message it would make: of a made-up applicant, or of a case one may write letters for (CT-60)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _

from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.domain.cases import communications, recipients
from moothall.domain.cases.models import Case
from moothall.domain.cases.placeholders import CaseValues
from moothall.domain.catalogue import letter_examples
from moothall.domain.catalogue.letters import Letter
from moothall.domain.messages import templates
from moothall.domain.messages.models import Message, TemplateVersion
from moothall.domain.messages.templates import Parsed
from moothall.kit.calendars import LONDON
from moothall.web.desk.finding import case_named
from moothall.web.desk.request import DeskRequest


class NotThere(LookupError):
    """There is no such case of the service, or not for this person. Its sentence may be shown."""


@dataclass(frozen=True)
class _With:
    """What a text is tried out with."""

    values: Mapping[str, object]
    name: str
    email: str
    lines: tuple[str, ...]
    reference: str


def message(
    request: DeskRequest, letter: Letter, text: Parsed, *, case: str = "", organisation: bool = False
) -> Message:
    """The message of a text that has no faults, not saved. `case` is a reference. Raises NotThere, templates.TemplateFault."""
    shown = _of_case(request, letter, text, case) if case else _made_up(request, letter, text, organisation)
    list_key, chosen = letter_examples.chosen(letter)
    composed = templates.compose_version(
        TemplateVersion(name=text.name, subject=text.subject, body=text.body, language=text.language),
        values=shown.values,
        paragraphs=communications.paragraphs(list_key, chosen, text.language) if list_key else (),
    )
    return Message(
        reference=shown.reference,
        to_name=shown.name,
        to_email=shown.email,
        to_lines=list(shown.lines),
        subject=composed.subject,
        html=composed.html,
        language=text.language,
    )


def _made_up(request: DeskRequest, letter: Letter, text: Parsed, organisation: bool) -> _With:
    on = request.now.astimezone(LONDON).date()
    values = letter_examples.values(letter, language=text.language, on=on, organisation=organisation)
    name = letter_examples.ORGANISATION if organisation else letter_examples.NAME
    return _With(values, name, letter_examples.EMAIL, letter_examples.LINES, letter_examples.REFERENCE)


def _of_case(request: DeskRequest, letter: Letter, text: Parsed, reference: str) -> _With:
    case, on = _case(request, letter, reference), request.now.astimezone(LONDON).date()
    to = recipients.find(case.customer, "customer", on=on)
    values = CaseValues(case, recipient=to, language=text.language, on=on)
    return _With(values, to.name, to.email or letter_examples.EMAIL, to.lines, case.reference)


def _case(request: DeskRequest, letter: Letter, reference: str) -> Case:
    try:
        case = case_named(request, reference, Permission.SEND_MESSAGES)
    except (Http404, PermissionDenied) as error:
        raise NotThere(_("There is no case %s that you may write letters for.") % reference) from error
    if case.service_id != letter.service.pk:
        raise NotThere(_("%(case)s is not a case of the service %(service)s.") % {
            "case": case.reference, "service": letter.service.name
        })  # fmt: skip
    recording.read(case, by=request.user, at=request.now, via="desk template")
    return case
