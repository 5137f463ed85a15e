"""Large councils to measure on: a database each, made once by COPY and used again as long as it is of the same sizes.

Beside some services that come with the product, always the same, they offer two more, so that most officers see only a part of
the work.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.core.management import call_command

from moothall.config import migrated
from moothall.config.bench import server
from moothall.config.demo.council import EXAMPLE
from moothall.config.example import large, people
from moothall.config.management.commands.services import built_in, read
from moothall.core.accounts.actions import system_user
from moothall.core.accounts.models import Membership, SecurityGroup, User
from moothall.core.council import settings as council
from moothall.domain.catalogue import actions as catalogue
from moothall.domain.catalogue import bundle
from moothall.domain.catalogue.models import Service

MADE = 5  # grows when what is loaded changes, so that older databases are made anew
PASSWORD = "measured-and-not-secret"  # noqa: S105 - of a council that is made up
OFFICER = "olive.officer@council.example.org"
OFFERED = ("blue_badge", "bulky_waste", "missed_bin", "street_problem")
Say = Callable[[str], None]

_SERVICE = """
key: {key}
name: {name}
prefix: {prefix}
case_types: [{{key: new, label: New, workflow: request}}, {{key: complaint, label: Complaint, workflow: request}}]
sources: [{{key: online, label: Online}}, {{key: phone, label: Phone}}]
tags:
  - {{key: {key}_often, label: Often}}
  - {{key: {key}_seldom, label: Seldom}}
  - {{key: {key}_rare, label: Rare}}
groups:
  - key: {key}_officers
    name: {name} officers
    permissions: [application.sign_in, case.view, case.edit, case.notes.view, case.timeline.view, workflow.view]
"""
_STAGE = """
  - id: {id}
    name: {name}
    see: [{key}_officers]
    progress: [{key}_officers]
    target: {{amount: {days}, unit: working_days}}
    outcomes:
      - {{id: on, name: Go on, {on}}}
      - {{id: stop, name: Stop, end: {{state: closed}}}}
"""
_STAGES = ("Received", "Checked", "Visited", "Decided", "Told")
_SERVICES = {"bulky_waste": ("Bulky waste", "BW"), "discounts": ("Discounts", "DT")}


@contextmanager
def council_of(open_cases: int, finished: int, *, keep: bool, say: Say) -> Iterator[None]:
    """Work in a council of these sizes, on the configured server; with `keep` its database stays for the next time."""
    name = f"example_bench_{open_cases}"
    mark = json.dumps({"open": open_cases, "finished": finished, "made": MADE})
    known = server.comment(name) == mark
    if not known:
        migrated.create(name)
    with server.using(name):
        call_command("migrate", verbosity=0)
        if not known:
            say(f"Making a council with {open_cases:,} open and {open_cases * finished:,} finished work items.")
            fill(open_cases, finished, say)
            server.remark(name, mark)
        yield
    if not keep:
        server.drop(name)


def officer() -> User:
    """Who measures: of two of the three services, in a group of each."""
    return User.objects.get(email=OFFICER)


def fill(open_cases: int, finished: int, say: Say) -> None:
    """Make the council in the database in use, which is empty."""
    now, by = datetime.now(tz=UTC), system_user()
    for folder in built_in():
        if folder.name in OFFERED:
            catalogue.publish(read(folder), by=by, at=now)
    for key, (name, prefix) in _SERVICES.items():
        files = {
            "service.yaml": _SERVICE.format(key=key, name=name, prefix=prefix),
            "workflows/request.yaml": _flow(key),
        }
        catalogue.publish(bundle.parse(files), by=by, at=now)
    council.write(EXAMPLE, by=by, at=now)
    people.hire(password=PASSWORD, at=now)
    Membership.objects.create(user=officer(), group=SecurityGroup.objects.get(key="bulky_waste_officers"))
    done = large.load(open_cases=open_cases, finished=finished, now=now, say=say)
    say(f"{done.cases:,} cases of {Service.objects.count()} services in {done.seconds:,.0f} seconds.")


def _flow(key: str) -> str:
    stages = []
    for place, name in enumerate(_STAGES):
        on = f"to: {_STAGES[place + 1].lower()}" if place + 1 < len(_STAGES) else "end: {state: complete}"
        stages.append(_STAGE.format(id=name.lower(), name=name, key=key, days=3 + place, on=on))
    return f"key: request\nname: {_SERVICES[key][0]}\nstart: received\nstages:{''.join(stages)}"
