"""Templates of letters and e-mails as their screens show them (CT-60)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from moothall.core.accounts.models import User
from moothall.core.lists import actions as lists
from moothall.core.lists.models import List
from moothall.domain.catalogue import letter_examples, letter_list, letters
from moothall.domain.catalogue.letters import Letter, Use
from moothall.domain.messages.models import Message, TemplateVersion
from moothall.domain.messages.templates import NoSuchTemplate
from moothall.kit.calendars import LONDON
from moothall.web.desk.request import DeskRequest


@dataclass(frozen=True)
class Line:
    """A template in the list of all: its texts in force, and what sends it."""

    key: str
    name: str
    service: str
    texts: tuple[TemplateVersion, ...]
    uses: tuple[str, ...]
    newer: bool

    @property
    def address(self) -> str:
        return reverse("desk:template", args=[self.key])

    @property
    def languages(self) -> str:
        return ", ".join(language_name(text.language) for text in self.texts)

    @property
    def channels(self) -> str:
        return channel_names({channel for text in self.texts for channel in text.channels})

    @property
    def by_hand(self) -> bool:
        return any(text.by_hand for text in self.texts)

    @property
    def changed_by(self) -> str:
        return self._latest.created_by.full_name

    @property
    def changed_at(self) -> datetime:
        return self._latest.created_at

    @property
    def _latest(self) -> TemplateVersion:
        return max(self.texts, key=lambda text: text.number)


@dataclass(frozen=True)
class Placeholder:
    """What a text may hold, what stands there instead, and an example."""

    code: str
    what: str
    example: str


@dataclass(frozen=True)
class Carried:
    """A list whose paragraphs a letter carries, and how many of its values in use have none in English or in Welsh."""

    key: str
    name: str
    values: int
    without: int
    without_welsh: int


def language_name(language: str) -> str:
    """A language, in words."""
    return {"en": _("English"), "cy": _("Welsh")}.get(language, language)


def channel_names(channels: Iterable[str]) -> str:
    """Ways a text is written for, in words."""
    names = {Message.Channel.EMAIL: _("E-mail"), Message.Channel.LETTER: _("Letter")}
    given = set(channels)
    return ", ".join(name for channel, name in names.items() if channel in given)


def found(request: DeskRequest, key: str) -> Letter:
    """The letter with this key, for who may edit it. Raises Http404."""
    try:
        return letters.find(key, by=request.user)
    except NoSuchTemplate as error:
        raise Http404 from error


def every(user: User, *, named: str = "") -> list[Line]:
    """The templates this user may edit, by service and name; those whose name or key holds `named`."""
    shown = [
        Line(one.key, one.name, one.service.name, one.texts, tuple(dict.fromkeys(map(use_words, one.uses))), one.newer)
        for one in letter_list.every(user)
        if named.casefold() in f"{' '.join(text.name for text in one.texts)} {one.key}".casefold()
    ]
    return sorted(shown, key=lambda line: (line.service, line.name, line.key))


def use_words(use: Use) -> str:
    """What sends a letter, in words."""
    place = {"workflow": use.workflow, "stage": use.stage, "outcome": use.what}
    match use.how:
        case "outcome":
            return _("%(workflow)s, %(stage)s: %(outcome)s") % place
        case "reminder":
            return _("Reminder after %(workflow)s, %(stage)s: %(outcome)s") % place
        case "opened":
            return _("A case is opened")
        case "received":
            return _("An application came in")
        case _:
            return _("An opinion is asked for: %s") % use.what


def placeholders(letter: Letter, values: dict[str, object]) -> list[Placeholder]:
    """What the texts of a letter may hold, with the examples `values`."""
    words = letter.vocabulary
    shown = [
        Placeholder(f"{{{{ {name} }}}}", what, str(values.get(name, "")) or _("empty"))
        for name, what in words.lines.items()
    ]
    for name, what in words.lists.items():
        given = values.get(name, [])
        lines = ", ".join(given) if isinstance(given, list) else str(given)
        shown.append(Placeholder(f"{{% for line in {name} %}}{{{{ line }}}} {{% endfor %}}", what, lines or _("empty")))
    return shown + [Placeholder(f"{{{{ {name} }}}}", what, _("see below")) for name, what in words.blocks.items()]


def carried(letter: Letter) -> list[Carried]:
    """The lists whose paragraphs a letter carries."""
    keys = list(dict.fromkeys(use.list for use in letter.uses if use.list))
    names = dict(List.objects.filter(key__in=keys).values_list("key", "name"))
    shown = []
    for key in keys:
        values = lists.values(key)
        without = sum(not value.text for value in values)
        shown.append(Carried(key, names.get(key, key), len(values), without, sum(not value.welsh for value in values)))
    return shown


def examples(letter: Letter, language: str, *, at: datetime) -> dict[str, object]:
    """Made-up values of the placeholders."""
    return letter_examples.values(letter, language=language, on=at.astimezone(LONDON).date())
