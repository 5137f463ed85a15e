"""Whether the forms of a service fit the rest of it, and their examples come out as they say."""

from collections.abc import Iterator

from moothall.domain.catalogue import form_example
from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.forms import blocks, faults
from moothall.domain.forms.definition import Form
from moothall.domain.forms.faults import FormWords
from moothall.domain.workflow.definition import Fault, Faulty
from moothall.domain.workflow.place import unknown
from moothall.domain.workflow.vocabulary import Vocabulary


def form_faults(bundle: Bundle, words: Vocabulary) -> Iterator[Fault]:
    """Every fault of the forms of a service; their examples are gone through once there is none."""
    known = FormWords(
        lists=words.lists,
        document_tags=words.document_tags,
        tags=words.tags,
        case_types=words.case_types,
        sources=words.sources,
        lookups=bundle.lookups,
    )
    whole: dict[str, Form] = {}
    for key, form in bundle.forms.items():
        file = f"forms/{key}.yaml"
        try:
            asked = blocks.put_in(form, blocks.built_in(), file=file)
        except Faulty as error:
            yield from error.faults
            continue
        found = faults.check(asked, known, file)
        yield from found
        if not found:
            whole[key] = asked
    for key, example in bundle.form_examples.items():
        file = f"examples/{key}.yaml"
        if example.form not in bundle.forms:
            yield Fault(file, "", "form", unknown("form", example.form, bundle.forms))
        elif example.form in whole:
            for field, sentence in form_example.play(example, whole[example.form], words.lists):
                yield Fault(file, "", field, sentence)
