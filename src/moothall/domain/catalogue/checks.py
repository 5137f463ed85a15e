"""Whether the parts of a service fit together: every name one part uses, another part has."""

from collections.abc import Collection, Iterator

from moothall.core.lists.models import Tag
from moothall.domain.catalogue import example_checks, form_checks, known, letter_checks, opinion_checks
from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.messages import templates
from moothall.domain.workflow import faults, loops
from moothall.domain.workflow.definition import Fault, Message, Outcome, Stage, Start, Workflow
from moothall.domain.workflow.fault_parts import duplicates
from moothall.domain.workflow.place import unknown
from moothall.domain.workflow.vocabulary import Vocabulary


def check(bundle: Bundle, *, groups: Collection[str] = (), to_do: Collection[str] = ()) -> list[Fault]:
    """Every fault of a service, each a sentence naming file, stage and field.

    `groups` are those the council has, `to_do` its kinds of thing to do; without any, those that come with the product.
    """
    words = vocabulary(bundle, groups, to_do)
    found = [
        fault
        for key, workflow in bundle.workflows.items()
        for fault in faults.check(workflow, words, file=f"workflows/{key}.yaml")
    ]
    return [
        *found,
        *_manifest_faults(bundle, words),
        *_workflow_faults(bundle),
        *_list_faults(bundle),
        *_letter_faults(bundle),
        *_message_faults(bundle),
        *opinion_checks.opinion_faults(bundle, words),
        *form_checks.form_faults(bundle, words),
        *example_checks.example_faults(bundle, words),
    ]


def vocabulary(bundle: Bundle, groups: Collection[str] = (), to_do: Collection[str] = ()) -> Vocabulary:
    """What the workflows of a service may name: its own parts, and what the council and connectors have."""
    manifest = bundle.manifest
    tags = {kind: {tag.key for tag in manifest.tags if tag.applies_to == kind} for kind in Tag.Applies.values}
    return Vocabulary(
        groups=frozenset(group.key for group in manifest.groups) | frozenset(groups),
        skills=frozenset(skill.key for skill in manifest.skills),
        tags=frozenset(tags["case"]),
        customer_tags=frozenset(tags["customer"]),
        document_tags=frozenset(tags["document"]),
        lists={
            key: frozenset(value.key for value in file.values if not value.retired)
            for key, file in bundle.lists.items()
        },
        letters=frozenset(key.partition(".")[0] for key in bundle.letters),
        hooks=known.names("hooks"),
        operations=known.names("operations"),
        workflows=frozenset(bundle.workflows),
        retired={
            key: frozenset(value.key for value in file.values if value.retired) for key, file in bundle.lists.items()
        },
        case_types=frozenset(case_type.key for case_type in manifest.case_types),
        sources=frozenset(source.key for source in manifest.sources),
        reply_states=known.names("reply_states") or None,
        intention_types=frozenset(to_do) or known.names("intention_types") or None,
    )


def _workflow_faults(bundle: Bundle) -> Iterator[Fault]:
    """Workflows that nothing can start, and those that would start each other for ever."""
    started = {case_type.workflow for case_type in bundle.manifest.case_types}
    for workflow in bundle.workflows.values():
        effects = (effect for stage in workflow.stages for outcome in stage.outcomes for effect in outcome.do)
        started |= {effect.workflow for effect in effects if isinstance(effect, Start)}
    for key, workflow in bundle.workflows.items():
        if not workflow.manual and key not in started:
            sentence = "Nothing starts this workflow: no case type, no effect, and nobody by hand (manual: false)."
            yield Fault(f"workflows/{key}.yaml", "", "manual", sentence)
    if loop := loops.starting_loop(bundle.workflows):
        names = ", ".join(f"“{key}.{stage}”" for key, stage in loop)
        sentence = f"Automatic stages could start workflows without end: {names}."
        key, stage = loop[0]
        if not loops.automatic_loop(bundle.workflows[key]):
            yield Fault(f"workflows/{key}.yaml", stage, "automatic", sentence)


def _list_faults(bundle: Bundle) -> Iterator[Fault]:
    for key, file in bundle.lists.items():
        for value in duplicates(value.key for value in file.values):
            yield Fault(f"lists/{key}.yaml", "", f"values.{value}", f"The value “{value}” is in the list twice.")
        for label in duplicates(value.label for value in file.values if not value.retired):
            sentence = f"Two values of the list are called “{label}”, so nobody can tell them apart."
            yield Fault(f"lists/{key}.yaml", "", "values", sentence)
        if all(value.retired for value in file.values):
            yield Fault(f"lists/{key}.yaml", "", "values", "Every value of the list is retired: nothing can be chosen.")


def _letter_faults(bundle: Bundle) -> Iterator[Fault]:
    for key in bundle.letters:
        name, _, language = key.partition(".")
        if language not in ("", "en") and name not in bundle.letters:
            yield Fault(f"letters/{key}.html", "", "", f"There is no English letter “{name}” for who reads no Welsh.")
    yield from letter_checks.letter_faults(bundle)
    for key, file in bundle.lists.items():
        for value in file.values:
            for field, text in (("text", value.text), ("welsh", value.welsh)):
                for sentence in templates.paragraph_faults(text or ""):
                    yield Fault(f"lists/{key}.yaml", "", f"values.{value.key}.{field}", sentence)
    yield from _welsh_faults(bundle)


def _welsh_faults(bundle: Bundle) -> Iterator[Fault]:
    """Values in use whose paragraph would stand in English in a letter that is written in Welsh too."""
    used: dict[str, str] = {}
    for workflow in bundle.workflows.values():
        for _, outcome, effect in _messages(workflow):
            if effect.list and f"{effect.template}.cy" in bundle.letters:
                used |= {q.list: effect.template for q in outcome.questions if q.id == effect.list and q.list}
    for key, letter in sorted(used.items()):
        for value in bundle.lists[key].values if key in bundle.lists else ():
            if not value.retired and not value.welsh:
                sentence = f"“{value.label}” has no Welsh paragraph, and the letter “{letter}” is written in Welsh too."
                yield Fault(f"lists/{key}.yaml", "", f"values.{value.key}.welsh", sentence)


def _message_faults(bundle: Bundle) -> Iterator[Fault]:
    """Effects that ask of a letter what it does not have: a channel, or a place for the chosen paragraphs."""
    for key, workflow in bundle.workflows.items():
        for stage, outcome, effect in _messages(workflow):
            letter = bundle.letters.get(effect.template)
            if letter is None:
                continue
            file, field = f"workflows/{key}.yaml", f"outcomes.{outcome.id}.do"
            for channel in sorted(set(effect.channels) - set(letter.channels)):
                yield Fault(file, stage.id, field, f"The letter “{effect.template}” is not written for {channel}.")
            if effect.list and "paragraphs" not in letter.body:
                sentence = f"The letter “{effect.template}” has no {{{{ paragraphs }}}} for what was chosen."
                yield Fault(file, stage.id, field, sentence)


def _messages(workflow: Workflow) -> Iterator[tuple[Stage, Outcome, Message]]:
    for stage in workflow.stages:
        for outcome in stage.outcomes:
            for effect in outcome.do:
                if isinstance(effect, Message):
                    yield stage, outcome, effect


def _asked_together(bundle: Bundle) -> Iterator[set[str]]:
    """The questions of each outcome."""
    for workflow in bundle.workflows.values():
        for stage in workflow.stages:
            for outcome in stage.outcomes:
                yield {question.id for question in outcome.questions}


def _manifest_faults(bundle: Bundle, words: Vocabulary) -> Iterator[Fault]:
    manifest = bundle.manifest
    types = {case_type.key for case_type in manifest.case_types}
    sources = {source.key for source in manifest.sources}
    tags = {tag.key for tag in manifest.tags if tag.applies_to == "case"}
    for case_type in manifest.case_types:
        if case_type.workflow and case_type.workflow not in bundle.workflows:
            field = f"case_types.{case_type.key}.workflow"
            yield Fault("service.yaml", "", field, f"There is no workflow “{case_type.workflow}” in this service.")
    connectors = known.names("connectors")
    for connector in manifest.connectors:
        if connector not in connectors:
            yield Fault("service.yaml", "", "connectors", unknown("connector", connector, connectors))
    for group in manifest.groups:
        for tag in group.document_tags:
            if tag not in words.document_tags:
                sentence = unknown("document tag", tag, words.document_tags)
                yield Fault("service.yaml", "", f"groups.{group.key}.document_tags", sentence)
    if manifest.form_tag and manifest.form_tag not in words.document_tags:
        yield Fault("service.yaml", "", "form_tag", unknown("document tag", manifest.form_tag, words.document_tags))
    if manifest.issued and not any(set(manifest.issued.questions) <= asked for asked in _asked_together(bundle)):
        named = ", ".join(manifest.issued.questions)
        yield Fault("service.yaml", "", "issued.questions", f"No outcome of this service asks all of these: {named}.")
    letters = {key.partition(".")[0] for key in bundle.letters}
    for arrival in manifest.arrivals:
        for kind, names, have in (
            ("case type", arrival.types, types),
            ("source", arrival.sources, sources),
            ("tag", arrival.tags, tags),
            ("letter", [message.template for message in arrival.messages], letters),
        ):
            for name in sorted(set(names) - have):
                yield Fault("service.yaml", "", "arrivals", f"There is no {kind} “{name}” in this service.")
    for kind, keys in (
        ("case type", [case_type.key for case_type in manifest.case_types]),
        ("source", [source.key for source in manifest.sources]),
        ("skill", [skill.key for skill in manifest.skills]),
        ("connector", manifest.connectors),
    ):
        for key in duplicates(keys):
            yield Fault("service.yaml", "", f"{kind.replace(' ', '_')}s", f"The {kind} “{key}” is declared twice.")
    for letter in sorted(set(manifest.by_hand) - letters):
        yield Fault("service.yaml", "", "by_hand", f"There is no letter “{letter}” in this service.")
    yield from _arrival_channel_faults(bundle)
    yield from _acknowledgement_faults(bundle, types, sources)
    yield from _twice("tag", [f"{tag.key} ({tag.applies_to})" for tag in manifest.tags])
    yield from _twice("group", [group.key for group in manifest.groups])


def _arrival_channel_faults(bundle: Bundle) -> Iterator[Fault]:
    messages = [message for arrival in bundle.manifest.arrivals for message in arrival.messages]
    for message in messages:
        letter = bundle.letters.get(message.template)
        for channel in sorted(set(message.channels) - set(letter.channels)) if letter else ():
            sentence = f"The letter “{message.template}” is not written for {channel}."
            yield Fault("service.yaml", "", "arrivals", sentence)


def _acknowledgement_faults(bundle: Bundle, types: set[str], sources: set[str]) -> Iterator[Fault]:
    for one in bundle.manifest.acknowledgements:
        for kind, names, have in (("case type", one.types, types), ("source", one.sources, sources)):
            for name in sorted(set(names) - have):
                yield Fault("service.yaml", "", "acknowledgements", f"There is no {kind} “{name}” in this service.")
        letter = bundle.letters.get(one.template)
        if letter is None:
            yield Fault("service.yaml", "", "acknowledgements", f"There is no letter “{one.template}” in this service.")
        for channel in sorted(set(one.channels) - set(letter.channels)) if letter else ():
            sentence = f"The letter “{one.template}” is not written for {channel}."
            yield Fault("service.yaml", "", "acknowledgements", sentence)


def _twice(kind: str, keys: list[str]) -> Iterator[Fault]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Fault("service.yaml", "", f"{kind}s", f"The {kind} “{key}” is declared twice.")
