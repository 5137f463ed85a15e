"""All letters somebody may edit, each with its texts in force and what sends it."""

from dataclasses import dataclass

from django.db.models import Q

from moothall.core.accounts.models import EVERY_SERVICE, User
from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import letters
from moothall.domain.catalogue.letters import Use
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.models import TemplateVersion

MOST = 2_000
"""Texts that are listed, at most: so many letters no council has."""

Changed = dict[str, dict[str, TemplateVersion | None]]


@dataclass(frozen=True)
class Listed:
    """A letter. `texts` are those in force, English first, without their bodies; `newer`: a file says something newer."""

    key: str
    service: Service
    texts: tuple[TemplateVersion, ...]
    uses: tuple[Use, ...]
    newer: bool

    @property
    def name(self) -> str:
        """What it is called, in English where it is written in it."""
        return self.texts[0].name


def every(user: User) -> list[Listed]:
    """The letters of the services whose letters this user may edit, by their keys."""
    services = {service.key: service for service in _services(user)}
    if not services:
        return []
    ours = Q()
    for key in services:
        ours |= Q(template__key__startswith=f"{key}.")
    rows = TemplateVersion.objects.filter(ours).select_related("template", "created_by").defer("body")
    newest = rows.order_by("template__key", "language", "-number").distinct("template__key", "language")
    texts: dict[str, list[TemplateVersion]] = {}
    for row in newest[:MOST]:
        texts.setdefault(row.template.key, []).append(row)
    newer = _newer([row for those in texts.values() for row in those if row.by_hand])
    sent = {key: letters.uses(service) for key, service in services.items()}
    return [
        Listed(
            key=key,
            service=services[key.partition(".")[0]],
            texts=tuple(sorted(those, key=lambda text: text.language != "en")),
            uses=tuple(sent[key.partition(".")[0]].get(key.partition(".")[2], ())),
            newer=key in newer,
        )
        for key, those in texts.items()
    ]


def _services(user: User) -> list[Service]:
    given = user.services_with(Permission.EDIT_TEMPLATES)
    rows = Service.objects.order_by("key")
    return list(rows if EVERY_SERVICE in given else rows.filter(key__in=given))


def _newer(changed: list[TemplateVersion]) -> set[str]:
    """The keys of those letters changed by hand of which a file says something newer."""
    if not changed:
        return set()
    rows = TemplateVersion.objects.filter(template__in={text.template_id for text in changed}, by_hand=False)
    last = rows.order_by("template", "language", "-number").distinct("template", "language")
    of_file = {(row.template_id, row.language): row for row in last}
    wanted: Changed = {}
    for text in changed:
        owner, _dot, local = text.template.key.partition(".")
        wanted.setdefault(owner, {})[f"{local}.{text.language}"] = of_file.get((text.template_id, text.language))
    return {
        f"{service.key}.{name.partition('.')[0]}"
        for service in Service.objects.filter(key__in=wanted).select_related("current")
        for name in letters.newer_files(service, wanted[service.key])
    }
