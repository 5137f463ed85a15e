"""Whether the opinions a service asks for name what the service has."""

from collections.abc import Iterator

from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.catalogue.manifest import OpinionKind
from moothall.domain.workflow.definition import Fault
from moothall.domain.workflow.fault_parts import duplicates
from moothall.domain.workflow.place import unknown
from moothall.domain.workflow.vocabulary import Vocabulary

FILE = "service.yaml"


def opinion_faults(bundle: Bundle, words: Vocabulary) -> Iterator[Fault]:
    """Every fault of the manifest's `opinions`, a sentence each."""
    kinds = bundle.manifest.opinions
    for key in duplicates(kind.key for kind in kinds):
        yield Fault(FILE, "", "opinions", f"The opinion “{key}” is declared twice.")
    for kind in kinds:
        field = f"opinions.{kind.key}"
        for tag in sorted({*kind.documents, *([kind.tag] if kind.tag else [])} - words.document_tags):
            yield Fault(FILE, "", field, unknown("document tag", tag, words.document_tags))
        yield from _letter_faults(bundle, kind, field)
        for id in duplicates(question.id for question in kind.questions):
            yield Fault(FILE, "", field, f"The question “{id}” is asked twice.")
        for question in kind.questions:
            if (question.type == "choice") != bool(question.choices):
                sentence = f"The question “{question.id}” has choices if, and only if, its type is choice."
                yield Fault(FILE, "", field, sentence)
            for key in duplicates(choice.key for choice in question.choices):
                yield Fault(FILE, "", field, f"The choice “{key}” of “{question.id}” is there twice.")
        for key in duplicates(one.key for one in kind.recommendations):
            yield Fault(FILE, "", field, f"The recommendation “{key}” is there twice.")


def _letter_faults(bundle: Bundle, kind: OpinionKind, field: str) -> Iterator[Fault]:
    if kind.letter is None:
        return
    letter = bundle.letters.get(kind.letter)
    if letter is None:
        yield Fault(FILE, "", field, f"There is no letter “{kind.letter}” in this service.")
    elif "email" not in letter.channels:
        yield Fault(FILE, "", field, f"The letter “{kind.letter}” is not written for email.")
