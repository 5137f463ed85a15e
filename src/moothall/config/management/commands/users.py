"""`moothall users`: add the people who work in the product, list them, and see the groups they can be in."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from moothall.core.accounts import actions, tokens
from moothall.core.accounts.actions import AccountRefused, system_user
from moothall.core.accounts.models import EVERY_SERVICE, SecurityGroup, User
from moothall.core.accounts.permissions import Permission
from moothall.core.accounts.tokens import TokenRefused

TOKEN_DAYS = 90


class Command(BaseCommand):
    help = "Add and list users, list and define security groups. A new installation has neither."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="add a user; the password is asked for, or read from standard input")
        add.add_argument("email")
        add.add_argument("--name", required=True, help="the full name, as colleagues see it")
        add.add_argument("--group", action="append", default=[], help="key of a security group; can be repeated")
        add.add_argument(
            "--token", action="store_true", help="no password: print a token for the API, once, instead of asking"
        )
        add.add_argument("--days", type=int, default=TOKEN_DAYS, help=f"how long the token lasts ({TOKEN_DAYS})")
        again = verbs.add_parser("password", help="set a user's password, which ends every token made with the old one")
        again.add_argument("email")
        verbs.add_parser("list", help="list users and their groups")
        verbs.add_parser("groups", help="list security groups, the services they reach and their permissions")
        group = verbs.add_parser("group", help="make a security group, or change it to exactly this")
        group.add_argument("key")
        group.add_argument("--name", required=True)
        group.add_argument(
            "--permission", action="append", default=[], help="e.g. case.view, or “all”; can be repeated"
        )
        group.add_argument("--service", action="append", default=[], help="key of a service, or “*” for all")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:  # noqa: ARG002
        try:
            getattr(self, f"_{verb}")(**options)
        except (AccountRefused, TokenRefused) as refused:
            raise CommandError(str(refused)) from refused

    def _add(self, *, email: str, name: str, group: list[str], token: bool, days: int, **_: Any) -> None:
        by, at = system_user(), timezone.now()
        password = None if token else _password()
        with transaction.atomic():
            user = actions.create_user(email=email, full_name=name, password=password, groups=group, by=by, at=at)
            issued = tokens.issue(user, name="made with the user", days=days, by=by, at=at)[1] if token else None
        self.stderr.write(f"{user.email} is added to {', '.join(sorted(group)) or 'no group: nothing is allowed yet'}.")
        if issued:
            self.stderr.write(f"The token lasts {days} days and is not shown again:")
            self.stdout.write(issued)

    def _password(self, *, email: str, **_: Any) -> None:
        user = User.objects.filter(email=email.strip().lower(), kind=User.Kind.PERSON).first()
        if user is None:
            raise CommandError(f"There is no user {email}.")
        actions.set_password(user, password=_password(), by=system_user(), at=timezone.now())
        self.stderr.write(f"{user.email} has a new password; tokens made with the old one have ended.")

    def _list(self, **_: Any) -> None:
        for user in User.objects.filter(kind=User.Kind.PERSON).prefetch_related("groups").order_by("email"):
            groups = ", ".join(sorted(group.key for group in user.groups.all())) or "no group"
            self.stdout.write(f"{user.email}  {user.full_name}  {groups}{'' if user.is_active else '  (deactivated)'}")

    def _groups(self, **_: Any) -> None:
        for group in SecurityGroup.objects.order_by("key"):
            reached = ["every service" if key == EVERY_SERVICE else key for key in group.services]
            self.stdout.write(f"{group.key}  {group.name}  reaches {', '.join(reached) or 'no service'}")
            for permission in group.permissions:
                self.stdout.write(f"    {permission}")

    def _group(self, *, key: str, name: str, permission: list[str], service: list[str], **_: Any) -> None:
        given = [str(one) for one in Permission] if "all" in permission else permission
        made = actions.define_group(
            key=key, name=name, permissions=given, services=service, by=system_user(), at=timezone.now()
        )
        self.stderr.write(f"{made.name} has {len(made.permissions)} permissions.")


def _password() -> str:
    """What is typed twice at a terminal, or the first line of standard input. Raises CommandError."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("The same again: "):
            raise CommandError("The two passwords differ, so nothing was changed.")
    if not password:
        raise CommandError("Give a password, or --token for a new user who only uses the API. Nothing was changed.")
    return password
