"""Whether the parts of a service fit together: every name one part uses, another part has."""

from collections.abc import Collection, Iterator

from moothall.core.lists.models import Tag
from moothall.domain.catalogue import known
from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.messages import templates
from moothall.domain.workflow import faults
from moothall.domain.workflow.definition import Fault, Message, Outcome, Stage, Workflow
from moothall.domain.workflow.vocabulary import Vocabulary


def check(bundle: Bundle, *, groups: Collection[str] = ()) -> list[Fault]:
    """Every fault of a service, each a sentence naming file, stage and field. `groups` are those the council has."""
    words = vocabulary(bundle, groups)
    found = [
        fault
        for key, workflow in bundle.workflows.items()
        for fault in faults.check(workflow, words, file=f"workflows/{key}.yaml")
    ]
    return [*found, *_manifest_faults(bundle), *_letter_faults(bundle), *_message_faults(bundle)]


def vocabulary(bundle: Bundle, groups: Collection[str] = ()) -> Vocabulary:
    """What the workflows of a service may name: its own parts, and what the council and connectors have."""
    manifest = bundle.manifest
    tags = {kind: {tag.key for tag in manifest.tags if tag.applies_to == kind} for kind in Tag.Applies.values}
    return Vocabulary(
        groups=frozenset(group.key for group in manifest.groups) | frozenset(groups),
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
    )


def _letter_faults(bundle: Bundle) -> Iterator[Fault]:
    for key, letter in bundle.letters.items():
        for sentence in templates.faults(letter):
            yield Fault(f"letters/{key}.html", "", "", sentence)
    for key, file in bundle.lists.items():
        for value in file.values:
            for sentence in templates.paragraph_faults(value.text or ""):
                yield Fault(f"lists/{key}.yaml", "", f"values.{value.key}.text", sentence)


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


def _manifest_faults(bundle: Bundle) -> Iterator[Fault]:
    manifest = bundle.manifest
    types = {case_type.key for case_type in manifest.case_types}
    sources = {source.key for source in manifest.sources}
    tags = {tag.key for tag in manifest.tags if tag.applies_to == "case"}
    for case_type in manifest.case_types:
        if case_type.workflow and case_type.workflow not in bundle.workflows:
            field = f"case_types.{case_type.key}.workflow"
            yield Fault("service.yaml", "", field, f"There is no workflow “{case_type.workflow}” in this service.")
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
    yield from _twice("tag", [f"{tag.key} ({tag.applies_to})" for tag in manifest.tags])
    yield from _twice("group", [group.key for group in manifest.groups])


def _twice(kind: str, keys: list[str]) -> Iterator[Fault]:
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Fault("service.yaml", "", f"{kind}s", f"The {kind} “{key}” is declared twice.")
