"""A question as the form studio asks for it: the fields that its type has, its answers, and its rules."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moothall.domain.forms.parts import FACTS
from moothall.domain.forms.studio import edits
from moothall.web.desk.forms.form_studio import (
    ASKED_OF,
    FORMULA,
    LINE,
    PartForm,
    bilingual,
    decimal,
    line,
    number,
    one_of,
    passage,
    tick,
    welsh_of,
)

TYPES: Sequence[tuple[str, Any, Any]] = (
    ("text", _("Short text"), _("One line")),
    ("long_text", _("Long text"), _("Several lines")),
    ("yes_no", _("Yes or no"), ""),
    ("choice", _("One of several answers"), _("Radio buttons, or a list to open")),
    ("choices", _("Several of several answers"), _("Checkboxes")),
    ("number", _("Number"), ""),
    ("money", _("Amount of money"), ""),
    ("date", _("Date"), ""),
    ("email", _("E-mail address"), ""),
    ("phone", _("Telephone number"), ""),
    ("address", _("Address"), _("Found by its postcode, or typed")),
    ("nino", _("National Insurance number"), ""),
    ("bank", _("Bank account"), ""),
    ("vehicle", _("Vehicle"), _("Its registration number")),
    ("map_pin", _("Place on a map"), ""),
    ("upload", _("Files"), _("Evidence, photographs")),
    ("group", _("Several of the same"), _("Questions asked for each, such as members of a household")),
    ("declaration", _("Declaration"), _("To be ticked")),
    ("signature", _("Signature"), _("A name typed")),
    ("guidance", _("Guidance"), _("Words only: nothing is answered")),
)
NAMES = {type: name for type, name, _hint in TYPES}
NOT_INSIDE = frozenset({"group", "upload"})
BLANK_ROWS = 3
_OF_TYPE: Mapping[str, tuple[str, ...]] = {
    "text": ("longest",),
    "long_text": ("longest",),
    "number": ("least", "most"),
    "money": ("least", "most"),
    "choice": ("look",),
    "choices": ("least", "most"),
    "upload": ("tag", "later", "least", "most"),
    "group": ("item", "least", "most"),
    "declaration": ("statement",),
    "signature": ("statement",),
}
_OWN = frozenset({"longest", "least", "most", "look", "tag", "later", "item", "statement"})


class QuestionForm(PartForm):
    """A question of one type; `inside` a group fewer things can be said of it."""

    both = ("label", "hint", "statement", "item")
    usual: ClassVar = {"asked_of": "everyone", "look": "radios"}
    seldom = frozenset({"needed", "wrong", "lookup_name", "lookup_does", "lookup_given", "asked_of", "fact"})
    label = line(_("Question"), required=True)
    label_cy = line(_("Question in Welsh"))
    hint = passage(_("Hint"))
    hint_cy = passage(_("Hint in Welsh"))
    id = line(
        _("Its name in conditions"),
        _("Made of the question where you leave it empty. It cannot be changed later, as answers are kept under it."),
        most=60,
    )
    answers_from = line(_("Answers to choose from"))
    statement = passage(_("What is declared"))
    statement_cy = passage(_("What is declared, in Welsh"))
    item = line(_("What one of them is called"), _("Like Person, or Thing to collect."))
    item_cy = line(_("What one of them is called, in Welsh"))
    longest = number(_("Most characters"), least=1, most=10_000)
    least = decimal(_("Least"))
    most = decimal(_("Most"))
    look = one_of(_("Shown as"), [("radios", _("radio buttons")), ("select", _("a list to open"))])
    tag = one_of(_("Tag of the documents"), [], radios=False)
    later = tick(_("May be sent later"))
    optional = tick(_("May be left empty"))
    asked_of = one_of(_("It is asked of"), ASKED_OF)
    fact = one_of(
        _("What the answer says about the customer"),
        [],
        _("Where that is known already, the question is not asked again."),
        radios=False,
    )
    needed = line(_("Sentence where nothing was answered"), _("Ours where you leave it empty."))
    needed_cy = line(_("Sentence where nothing was answered, in Welsh"))
    wrong = line(_("Sentence where the answer is wrong"), _("Ours where you leave it empty."))
    wrong_cy = line(_("Sentence where the answer is wrong, in Welsh"))
    lookup_name = one_of(
        _("Look-up"), [], _("One of the service: it is asked as the page is shown or saved."), radios=False
    )
    lookup_does = one_of(
        _("The look-up"),
        [("fills", _("fills the answer in")), ("options", _("offers answers")), ("check", _("checks the answer"))],
    )
    lookup_given = passage(_("What the look-up is told"), _("One a line, like: postcode: answers.home.postcode"))

    def __init__(
        self,
        data: QueryDict | None,
        part: Mapping[str, Any],
        *,
        kind: str,
        inside: bool,
        lists: Sequence[str],
        slots: Sequence[str],
        tags: Sequence[str],
        lookups: Sequence[str],
        **kwargs: Any,
    ) -> None:
        self.kind, self.inside = kind, inside
        super().__init__(data, part, **kwargs)
        for extra in ("needed", "wrong"):
            if self.welsh:
                self.fields[f"{extra}_cy"].widget.attrs["lang"] = "cy"
            else:
                del self.fields[f"{extra}_cy"]
        self._leave_out(new=not part)
        named = (part.get("lookup") or {}).get("name", "")
        self._offer(lists, slots, tags, sorted({*lookups, *([named] if named else [])}))
        self.answers = Rows(data, "option", part.get("options", []), ("label", "hint"), welsh=self.welsh)
        self.checks = Rows(data, "check", part.get("checks", []), ("message",), welsh=self.welsh, plain=("rule",))
        if kind == "signature":
            self.fields["statement"].label = _("What is agreed to")

    def _leave_out(self, *, new: bool) -> None:
        """Fields that a question of this type, or one inside a group, or one that is there already, has not."""
        out = {name for name in _OWN if name not in _OF_TYPE.get(self.kind, ())}
        out |= set() if self.kind in ("choice", "choices") else {"answers_from"}
        out |= {"asked_of", "fact", "lookup_name", "lookup_does", "lookup_given"} if self.inside else set()
        out |= set() if new else {"id"}
        if self.kind == "guidance":
            out |= {"optional", "fact", "needed", "wrong", "lookup_name", "lookup_does", "lookup_given"}
        if not any(self.kind in types for types in FACTS.values()):
            out.add("fact")
        for name in [*out, *(f"{one}_cy" for one in out)]:
            self.fields.pop(name, None)

    def _offer(self, lists: Sequence[str], slots: Sequence[str], tags: Sequence[str], lookups: Sequence[str]) -> None:
        none = ("", gettext("None"))
        facts = [fact for fact, types in FACTS.items() if self.kind in types]
        offered = {
            "lookup_name": [none, *((name, name.replace("_", " ")) for name in lookups)],
            "tag": [none, *((tag, tag.replace("_", " ")) for tag in tags)],
            "fact": [none, *((fact, fact.replace(".", ": ").replace("_", " ")) for fact in facts)],
        }
        if "answers_from" in self.fields:
            ways = [("", gettext("The answers below")), ("lookup", gettext("What a look-up offers"))]
            ways += [(f"list.{name}", gettext("The list “%s” of the service") % name) for name in lists]
            ways += [(f"slots.{key}", gettext("Days with room of “%s”") % key) for key in slots]
            label = self.fields["answers_from"].label
            self.fields["answers_from"] = one_of(label, ways, radios=False)
        for name, choices in offered.items():
            if name in self.fields:
                field = self.fields[name]
                assert isinstance(field, forms.ChoiceField)
                field.choices = choices

    def begun(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """Sentences, look-up and where answers come from stand in parts."""
        messages, lookup = part.get("messages", {}), part.get("lookup") or {}
        found = super().begun(part)
        for field, name in (("needed", "required"), ("wrong", "invalid")):
            said = messages.get(name)
            found[field] = said["en"] if isinstance(said, Mapping) else said or ""
            found[f"{field}_cy"] = welsh_of(said)
        ways = {"list": part.get("list"), "slots": part.get("slots")}
        from_ = next((f"{way}.{name}" for way, name in ways.items() if name), "")
        given = "\n".join(f"{name}: {source}" for name, source in lookup.get("given", {}).items())
        does = lookup.get("does", "fills")
        return {
            **found,
            "answers_from": "lookup" if lookup and does == "options" and not from_ else from_,
            "lookup_name": lookup.get("name", ""),
            "lookup_does": does,
            "lookup_given": given,
        }

    def is_valid(self) -> bool:
        """Its rows too."""
        fine = super().is_valid()
        for rows in (self.answers, self.checks):
            for sentence in rows.problems():
                self.add_error(None, sentence)
                fine = False
        return fine

    def said(self) -> dict[str, Any]:
        """The question as the definition has it."""
        own = {"on", "id", "needed", "wrong", "answers_from", "lookup_name", "lookup_does", "lookup_given"}
        names = [name for name in self.fields if name not in own and not name.endswith("_cy")]
        found: dict[str, Any] = {"type": self.kind}
        found |= {name: self.worded(name) if name in self.both else self.plain(name) for name in names}
        if self.kind in ("choice", "choices"):
            found |= self._answers()
        if "needed" in self.fields:
            found["messages"] = self._messages()
        found["checks"] = [] if self.kind == "guidance" else self.checks.said()
        found["checks"] = found["checks"] or None
        if "lookup_name" in self.fields:
            found["lookup"] = self._lookup()
        return found

    def _answers(self) -> dict[str, Any]:
        way, _dot, name = (self.cleaned_data.get("answers_from") or "").partition(".")
        taken: set[str] = {row["key"] for row in self.answers.rows if row.get("key")}
        options = []
        for row in self.answers.said():
            key = row.pop("key", "")
            if not key:
                key = edits.id_of(_english(row["label"]), taken)
                taken.add(key)
            options.append({"key": key, **row})
        return {
            "list": name if way == "list" else None,
            "slots": name if way == "slots" else None,
            "options": options if options and not way else None,
        }

    def _messages(self) -> dict[str, Any] | None:
        before = self.part.get("messages", {})
        found = {}
        for field, name in (("needed", "required"), ("wrong", "invalid")):
            welsh = self.cleaned_data.get(f"{field}_cy", "") if self.welsh else welsh_of(before.get(name))
            if text := bilingual(self.cleaned_data.get(field, ""), welsh):
                found[name] = text
        return found or None

    def _lookup(self) -> dict[str, Any] | None:
        given = self.cleaned_data
        if not given["lookup_name"]:
            return None
        does = "options" if given.get("answers_from") == "lookup" else given["lookup_does"] or "fills"
        pairs = [one.partition(":") for one in given["lookup_given"].splitlines() if one.strip()]
        told = {name.strip(): source.strip() for name, _colon, source in pairs}
        return {"name": given["lookup_name"], "does": does, **({"given": told} if told else {})}


def _english(text: Any) -> str:
    return str(text["en"] if isinstance(text, Mapping) else text)


class Rows:
    """Several of the same within a form: answers to choose from, rules. A row without its first words is none.

    `texts` are in two languages, `plain` in none. A row keeps the `key` it has; a rule is told by its place.
    """

    def __init__(
        self,
        data: QueryDict | None,
        prefix: str,
        rows: Sequence[Mapping[str, Any]],
        texts: tuple[str, ...],
        *,
        welsh: bool,
        plain: tuple[str, ...] = (),
    ) -> None:
        self.prefix, self.texts, self.plain, self.welsh = prefix, texts, plain, welsh
        if data is not None and f"{prefix}_count" in data:
            count = str(data[f"{prefix}_count"])
            many = min(210, int(count)) if count.isdecimal() and len(count) < 4 else 0
            self.rows = [self._sent(data, number) for number in range(many)]
        else:
            self.rows = [self._begun(row, place) for place, row in enumerate(rows)]
        self.before = {str(row.get("key", place)): row for place, row in enumerate(rows)}

    @property
    def shown(self) -> list[dict[str, Any]]:
        """Those there are, and some empty ones, each with its number."""
        blank = dict.fromkeys(("key", *self.texts, *(f"{text}_cy" for text in self.texts), *self.plain), "")
        rows = [*self.rows, *({**blank} for _ in range(BLANK_ROWS))]
        last = len(self.rows) - 1
        return [{**row, "number": n, "first": n == 0, "last": n >= last, "new": n > last} for n, row in enumerate(rows)]

    def _begun(self, row: Mapping[str, Any], place: int) -> dict[str, Any]:
        found = {"key": str(row.get("key", place)), **{name: str(row.get(name, "")) for name in self.plain}}
        for text in self.texts:
            found[text] = _english(row.get(text, ""))
            found[f"{text}_cy"] = welsh_of(row.get(text))
        return found

    def _sent(self, data: QueryDict, number: int) -> dict[str, Any]:
        names = ("key", *self.texts, *(f"{text}_cy" for text in self.texts), *self.plain)
        return {name: data.get(f"{self.prefix}_{number}_{name}", "").strip() for name in names}

    def _filled(self) -> list[dict[str, Any]]:
        names = (*self.texts, *self.plain)
        return [row for row in self.rows if any(row.get(name) for name in names)]

    def problems(self) -> list[str]:
        """What is wrong with the rows that were filled in."""
        found = []
        for row in self._filled():
            first = self.texts[0]
            if not row[first] and self.plain:
                found.append(gettext("Say what is told where the rule “%s” does not hold.") % row[self.plain[0]][:60])
            if self.plain and not row[self.plain[0]]:
                found.append(gettext("Write the rule for “%s”.") % row[first][:60])
            if any(len(str(row.get(name, ""))) > LINE for name in self.texts) or any(
                len(row[name]) > FORMULA for name in self.plain
            ):
                found.append(gettext("A text is longer than %s characters.") % LINE)
        return found

    def said(self) -> list[dict[str, Any]]:
        """The rows as the definition has them."""
        found = []
        for row in self._filled():
            if not row[self.texts[0]] and not self.plain:
                continue
            one: dict[str, Any] = {name: row[name] for name in self.plain}
            for text in self.texts:
                welsh = row[f"{text}_cy"] if self.welsh else welsh_of(self.before.get(row["key"], {}).get(text))
                if said := bilingual(row[text], welsh):
                    one[text] = said
            found.append({**({"key": row["key"]} if row["key"] and not self.plain else {}), **one})
        return found

    def moved(self, number: int, by: int) -> None:
        """One a place up or down."""
        if 0 <= number < len(self.rows):
            row = self.rows.pop(number)
            self.rows.insert(max(0, min(len(self.rows), number + by)), row)
