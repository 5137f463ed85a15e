"""Skills that work asks for, and who has them: said by a supervisor, of the services they supervise (BEST-4)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from moothall.core.accounts import actions
from moothall.core.accounts.models import User
from moothall.core.accounts.permissions import Permission
from moothall.domain.catalogue import catalogue
from moothall.domain.catalogue.models import Service


class UnknownSkill(Exception):
    """Skills that no service of a supervisor declares. Its message may be shown to whoever asked."""


@dataclass(frozen=True)
class Skill:
    """A skill by its key, as the first of the services that declare it names it."""

    key: str
    label: str
    service: str


def supervised(supervisor: User) -> list[Skill]:
    """The skills of the services somebody supervises."""
    found: dict[str, Skill] = {}
    for service in Service.objects.exclude(current=None).order_by("name"):
        if service.current_id and supervisor.may(Permission.SUPERVISE, service.key):
            for skill in catalogue.manifest(service.current_id).skills:
                found.setdefault(skill.key, Skill(skill.key, skill.label, service.name))
    return list(found.values())


def give(user: User, *, skills: Collection[str], by: User, at: datetime) -> None:
    """Say which of the skills that `by` may give a user has; what they have of other services stays. Raises UnknownSkill."""
    offered = {one.key for one in supervised(by)}
    if unknown := sorted(set(skills) - offered):
        raise UnknownSkill(f"No service you supervise has the skill {', '.join(unknown)}.")
    kept = [skill for skill in user.skills if skill not in offered]
    actions.set_skills(user, skills=[*kept, *skills], by=by, at=at)
