"""`moothall settings`: what a council sets about itself and its outside systems, listed, shown and changed."""

import getpass
import sys
from argparse import ArgumentParser
from importlib import import_module
from typing import Any

from django.conf import settings as machine
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from pydantic import SecretStr

from moothall.core.accounts.actions import system_user
from moothall.core.council import settings
from moothall.core.council.settings import Section, SettingRefused


class Command(BaseCommand):
    help = "List, show and change the council's settings. What differs between machines is in the environment instead."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="list the sections and what can be set in each")
        show = verbs.add_parser("show", help="show what is set in a section; secrets only as set or not set")
        show.add_argument("section")
        change = verbs.add_parser("set", help="set one thing")
        change.add_argument("setting", help="<section>.<field>, e.g. council.name")
        change.add_argument("value", nargs="*", help="several make a list, e.g. the lines of council.address")
        change.add_argument("--secret", action="store_true", help="ask for the value, or read it from standard input")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002
        import_module(machine.ROOT_URLCONF)  # with it every module that declares a section
        try:
            getattr(self, f"_{verb}")(**options)
        except SettingRefused as refused:
            raise CommandError(str(refused)) from refused

    def _list(self, **_: Any) -> None:
        for name, kind in settings.sections().items():
            self.stdout.write(f"{name}  {(kind.__doc__ or '').partition(chr(10))[0]}")
            for field in kind.model_fields:
                self.stdout.write(f"    {name}.{field}{'  (secret)' if settings.is_secret(kind, field) else ''}")

    def _show(self, *, section: str, **_: Any) -> None:
        kind = _section(section)
        for name, value in settings.read(kind):
            self.stdout.write(f"{section}.{name}  {_shown(value)}")

    def _set(self, *, setting: str, value: list[str], secret: bool, **_: Any) -> None:
        section, _dot, name = setting.partition(".")
        kind = _section(section)
        if settings.is_secret(kind, name) != secret:
            raise SettingRefused(
                f"{setting} is not a secret: give its value without --secret."
                if secret
                else f"{setting} is a secret: say --secret, and give it when asked or on standard input."
            )
        if secret and value:
            raise SettingRefused(
                "A secret is not given in the command itself, where others on the machine can read it."
            )
        words = [_typed(setting)] if secret else value
        changed = settings.change(kind, name, words, by=system_user(), at=timezone.now())
        self.stdout.write(f"{setting}  {_shown(getattr(changed, name))}")


def _section(name: str) -> type[Section]:
    known = settings.sections()
    if name not in known:
        raise SettingRefused(f"There are no settings “{name}”. There are {', '.join(known)}.")
    return known[name]


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return "(set)" if value.get_secret_value() else "(not set)"
    if isinstance(value, list):
        return " | ".join(str(one) for one in value) or "(not set)"
    return "(not set)" if value in (None, "") else str(value)


def _typed(setting: str) -> str:
    typed = getpass.getpass(f"{setting}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not typed:
        raise SettingRefused(f"{setting} was not set: nothing was given.")
    return typed
