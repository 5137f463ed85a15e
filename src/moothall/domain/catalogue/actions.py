"""Publishing a service: its files become numbered versions, its lists, tags, groups and letters rows."""

import hashlib
import json
from datetime import datetime

from moothall.core.accounts.models import SecurityGroup, User
from moothall.core.audit import recording
from moothall.core.lists.models import List, Tag, Value
from moothall.domain.catalogue.bundle import Bundle
from moothall.domain.catalogue.models import Service, ServiceVersion
from moothall.domain.forms import publishing as forms
from moothall.domain.messages import templates
from moothall.domain.workflow import actions as workflows
from moothall.kit.calendars import LONDON


def publish(bundle: Bundle, *, by: User, at: datetime) -> ServiceVersion:
    """Make `bundle` the version new cases open under; nothing changes when it already is.

    The bundle has been checked (`checks.check`). Running cases stay on their versions.
    """
    manifest = bundle.manifest
    with recording.because(action="service.published", by=by, at=at):
        service, _ = Service.objects.select_for_update().get_or_create(
            key=manifest.key, defaults={"name": manifest.name, "prefix": manifest.prefix}
        )
        latest = service.versions.order_by("-number").first()
        fingerprint = _fingerprint(bundle)
        if latest and latest.fingerprint == fingerprint:
            _keep_forms(bundle, by=by, at=at)  # a standard block may be another than when they were published
            return _in_force(service, latest)
        _keep_lists(bundle, at=at)
        _keep_tags(bundle)
        keep_groups(bundle)
        letters = [(f"{manifest.key}.{key.partition('.')[0]}", letter) for key, letter in bundle.letters.items()]
        templates.publish(letters, by=by, at=at)
        version = ServiceVersion.objects.create(
            service=service,
            number=latest.number + 1 if latest else 1,
            files=dict(bundle.files),
            fingerprint=fingerprint,
            published_at=at,
            published_by=by,
        )
        version.workflows.set(workflows.publish(manifest.key, bundle.workflows.values(), by=by, at=at))
        _keep_forms(bundle, by=by, at=at)
        recording.record("service.published", version, by=by, at=at, service=service.key, number=version.number)
        return _in_force(service, version, name=manifest.name)


def _in_force(service: Service, version: ServiceVersion, name: str = "") -> ServiceVersion:
    service.current = version
    service.name = name or service.name
    service.save(update_fields=["current", "name"])
    return version


def _fingerprint(bundle: Bundle) -> str:
    return hashlib.sha256(json.dumps(dict(bundle.files), sort_keys=True).encode()).hexdigest()


def _keep_lists(bundle: Bundle, *, at: datetime) -> None:
    """Lists are shared by all versions: values are added and changed; one the file no longer has is retired.

    What an administrator changed by hand stays as they left it, and so does an order they made.
    """
    today = at.astimezone(LONDON).date()
    rows = List.objects.bulk_create(
        [List(key=f"{bundle.manifest.key}.{key}", name=file.name) for key, file in bundle.lists.items()],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["name"],
    )
    kept = {(value.list_id, value.key): value for value in Value.objects.filter(list__in=rows)}
    own = set(List.objects.filter(pk__in=[row.pk for row in rows], in_own_order=True).values_list("pk", flat=True))
    new: list[Value] = []
    for row, file in zip(rows, bundle.lists.values(), strict=True):
        last = max((value.order for value in kept.values() if value.list_id == row.pk), default=0)
        for place, item in enumerate(file.values):
            value = kept.pop((row.pk, item.key), None) or Value(list=row, key=item.key)
            if value.by_hand:
                continue
            value.label, value.text, value.welsh = item.label, item.text or "", item.welsh or ""
            if row.pk not in own:
                value.order = place
            elif not value.pk:  # a new one comes last in an order somebody made
                value.order = last = last + 1
            value.retired_on = (value.retired_on or today) if item.retired else None
            if value.pk:
                value.save()
            else:
                new.append(value)
    Value.objects.bulk_create(new)
    for gone in kept.values():
        if gone.retired_on is None and not gone.by_hand:
            gone.retired_on = today
            gone.save(update_fields=["retired_on"])


def _keep_forms(bundle: Bundle, *, by: User, at: datetime) -> None:
    """Each form in force as its file has it; one the service no longer has takes no new drafts.

    Those made in the form studio stay, with standard blocks as they are now.
    """
    for form in bundle.forms.values():
        forms.publish(bundle.manifest.key, form, by=by, at=at)
    forms.renew(bundle.manifest.key, but=bundle.forms.keys(), by=by, at=at)
    forms.withdraw(bundle.manifest.key, leaving=bundle.forms.keys())


def _keep_tags(bundle: Bundle) -> None:
    """The tags it declares are its own, beside others that declare them too; one shared by all stays so."""
    service, declared = bundle.manifest.key, {(tag.key, tag.applies_to): tag for tag in bundle.manifest.tags}
    Tag.objects.bulk_create(
        [
            Tag(key=key, applies_to=applies_to, label=tag.label, system=tag.system, services=[service])
            for (key, applies_to), tag in declared.items()
        ],
        update_conflicts=True,
        unique_fields=["key", "applies_to"],
        update_fields=["label", "system"],
    )
    others = Tag.objects.exclude(services=[]).exclude(services__contains=[service])
    for tag in others.filter(key__in=[key for key, _ in declared]):
        if (tag.key, tag.applies_to) in declared:
            tag.services = [*tag.services, service]
            tag.save(update_fields=["services"])


def keep_groups(bundle: Bundle) -> None:
    """Make the groups a service declares. One the council already has is the council's: its permissions are left alone."""
    key = bundle.manifest.key
    SecurityGroup.objects.bulk_create(
        [
            SecurityGroup(
                key=group.key,
                name=group.name,
                permissions=list(group.permissions),
                services=[key],
                document_tags=list(group.document_tags),
            )
            for group in bundle.manifest.groups
        ],
        ignore_conflicts=True,
    )
    for row in SecurityGroup.objects.filter(key__in=[group.key for group in bundle.manifest.groups]):
        if key not in row.services:
            row.services = [*row.services, key]
            row.save(update_fields=["services"])
