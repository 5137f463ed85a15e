"""Forms written in the form studio, within the service they are of: what they may name, what is wrong, their examples,
and publishing them (FRM-1).

Which wins, the studio or the service's folder: see `forms.publishing`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.core.audit import recording
from moothall.core.lists.models import Tag, Value
from moothall.domain.catalogue import bundle, catalogue, form_example
from moothall.domain.catalogue.manifest import Manifest
from moothall.domain.catalogue.models import Service
from moothall.domain.forms import blocks, definition, faults, publishing
from moothall.domain.forms.definition import Form
from moothall.domain.forms.faults import FormWords
from moothall.domain.forms.models import Form as FormRow
from moothall.domain.forms.models import FormVersion, Sketch
from moothall.domain.forms.studio import sketches
from moothall.domain.workflow.definition import Fault, Faulty


class NoSuchSketch(LookupError):
    """There is none, or none that this person may see."""


@dataclass(frozen=True)
class Looked:
    """A form as it is asked, where its blocks could be put in, and what keeps it from being published."""

    whole: Form | None
    faults: Sequence[Fault]


@dataclass(frozen=True)
class Played:
    """An example, and where a form went otherwise than it says; nothing where it came out as it should."""

    key: str
    name: str
    otherwise: Sequence[str]


def services(user: User) -> QuerySet[Service]:
    """The services in force whose forms a user may write."""
    rows = Service.objects.filter(current__isnull=False).select_related("current").order_by("name")
    reached = user.reached(Permission.EDIT_FORMS)
    return rows if reached is None else rows.filter(key__in=reached)


def mine(user: User) -> QuerySet[Sketch]:
    """The sketches of those services that were not put away, the last changed first."""
    rows = Sketch.objects.filter(put_away_at=None).select_related("changed_by", "published")
    rows = rows.defer("published__definition", "published__written")
    reached = user.reached(Permission.EDIT_FORMS)
    rows = rows if reached is None else rows.filter(service__in=reached)
    return rows.order_by("-changed_at", "-pk")


def find(number: int, *, by: User) -> Sketch:
    """One of them. Raises NoSuchSketch."""
    found = mine(by).filter(pk=number).first()
    if found is None:
        raise NoSuchSketch("There is no such form in the studio.")
    return found


def service_of(sketch: Sketch) -> Service:
    """The service a sketch is of."""
    return Service.objects.select_related("current").get(key=sketch.service)


def in_force(service: str, key: str) -> FormVersion | None:
    """The version of a form that is in force."""
    row = FormRow.objects.filter(key=f"{service}.{key}").select_related("current").first()
    return row.current if row else None


def manifest_of(service: Service) -> Manifest:
    """What the service in force declares."""
    assert service.current_id is not None
    return catalogue.manifest(service.current_id)


def words(service: Service) -> FormWords:
    """What a form of the service may name."""
    manifest = manifest_of(service)
    tags = {kind: {tag.key for tag in manifest.tags if tag.applies_to == kind} for kind in Tag.Applies.values}
    lists: dict[str, set[str]] = {}
    start = f"{service.key}."
    rows = Value.objects.filter(list__key__startswith=start, retired_on=None).values_list("list__key", "key")
    for full, key in rows:
        lists.setdefault(full.removeprefix(start), set()).add(key)
    return FormWords(
        lists={name: frozenset(keys) for name, keys in lists.items()},
        document_tags=frozenset(tags["document"]),
        tags=frozenset(tags["case"]),
        case_types=frozenset(one.key for one in manifest.case_types),
        sources=frozenset(one.key for one in manifest.sources),
        lookups=catalogue.lookups(service.key),
    )


def look(service: Service, form: Form) -> Looked:
    """A form as it would be asked today, and everything that is wrong with it."""
    file = f"forms/{form.key}.yaml"
    try:
        whole = blocks.put_in(form, publishing.standard_blocks(), file=file)
    except Faulty as error:
        return Looked(None, error.faults)
    return Looked(whole, faults.check(whole, words(service), file))


def play(service: Service, form: Form, lists: Mapping[str, frozenset[str]]) -> list[Played]:
    """The service's examples of a form without faults, whose blocks are put in, gone through."""
    assert service.current
    found = bundle.examples_of(service.current.files, form.key)
    return [
        Played(key, example.name, [sentence for _field, sentence in form_example.play(example, form, lists)])
        for key, example in found.items()
    ]


def of_file(service: Service, key: str) -> Form | None:
    """A form as the service's file says it, where there is one that can be read."""
    text = service.current.files.get(f"forms/{key}.yaml") if service.current else None
    try:
        return definition.parse(text, file=f"forms/{key}.yaml") if text else None
    except Faulty:
        return None  # it was published before what is now asked of a form


def files(service: Service) -> dict[str, str]:
    """The forms in force that were made in the studio, as files of the service's folder, by their paths."""
    rows = FormRow.objects.filter(key__startswith=f"{service.key}.", by_hand=True, current__isnull=False)
    made = [publishing.written(row.current) for row in rows.select_related("current") if row.current]
    return {f"forms/{form.key}.yaml": definition.dump(form) for form in made}


def as_written(service: Service, version: FormVersion) -> Form:
    """A version with its blocks as blocks: as it was kept, or as the service's file says the same."""
    if version.written is None:
        key = version.form.key.partition(".")[2]
        said = of_file(service, key)
        looked = look(service, said).whole if said else None
        if said and looked and definition.fingerprint(looked) == version.fingerprint:
            return said
    return publishing.written(version)


def publish(sketch: Sketch, *, on: int, over: int, by: User, at: datetime) -> FormVersion:
    """Put a sketch in force as a version of its form, of which it takes the place for whoever begins from then on.

    `on` is the revision and `over` the version in force that were looked at. Raises Faulty, sketches.ChangedMeanwhile and
    publishing.PublishedMeanwhile.
    """
    with recording.because(action="form.published", by=by, at=at):
        revision = sketches.hold(sketch, on=on)
        form, service = sketches.form_of(revision), service_of(sketch)
        if found := look(service, form).faults:
            raise Faulty(list(found))
        version = publishing.publish_by_hand(sketch.service, form, over=over, by=by, at=at)
        sketch.published = version
        sketch.save(update_fields=["published"])
        told: dict[str, Any] = {"service": sketch.service, "key": sketch.key, "number": version.number}
        recording.record("form.published", version, by=by, at=at, revision=revision.number, **told)
    return version


def take_file(service: Service, key: str, *, over: int, by: User, at: datetime) -> FormVersion:
    """Put in force what the service's file says, which from then on follows the service's folder again.

    Raises LookupError, Faulty and publishing.PublishedMeanwhile.
    """
    said = of_file(service, key)
    if said is None:
        raise LookupError("The service’s folder has no such form.")
    with recording.because(action="form.published", by=by, at=at):
        if found := look(service, said).faults:
            raise Faulty(list(found))
        version = publishing.publish_by_hand(service.key, said, over=over, of_file=True, by=by, at=at)
        told: dict[str, Any] = {"service": service.key, "key": key, "number": version.number, "of_file": True}
        recording.record("form.published", version, by=by, at=at, **told)
    return version
