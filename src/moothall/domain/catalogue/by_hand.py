"""Which letters of a service an officer may send by hand: those no outcome sends, and those the service says."""

from moothall.domain.catalogue import catalogue, letter_checks
from moothall.domain.catalogue.models import Service
from moothall.domain.messages.models import TemplateVersion
from moothall.domain.workflow import published

MOST = 500


def letters(service: Service) -> frozenset[str]:
    """The letters of the version in force, by their keys within the service.

    What an outcome sends says what was decided, so it goes with the outcome alone, past whoever has to confirm it. What
    the service sends without one, and what its `by_hand` names, is free.
    """
    if service.current_id is None:
        return frozenset()
    manifest = catalogue.manifest(service.current_id)
    workflows = [published.workflow(version) for version in catalogue.workflow_versions(service.current_id)]
    decided = {message.template for workflow in workflows for message in letter_checks.sent(workflow)}
    free = {*manifest.by_hand, *(one.template for one in manifest.acknowledgements)}
    free |= {message.template for arrival in manifest.arrivals for message in arrival.messages}
    return catalogue.letters(service.current_id) - (decided - free)


def offered(service: Service) -> list[TemplateVersion]:
    """Their texts in force, without bodies, by key and language."""
    keys = [f"{service.key}.{name}" for name in letters(service)]
    rows = TemplateVersion.objects.filter(template__key__in=keys).select_related("template").defer("body")
    return list(rows.order_by("template__key", "language", "-number").distinct("template__key", "language")[:MOST])
