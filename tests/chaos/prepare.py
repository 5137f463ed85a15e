"""Makes the council of a storm: tables, services, connection, an officer and a manager. Prints their tokens as JSON.

Run in a process of its own, with the address and credentials of the national service as JSON in its input.
"""

import json
import os
import sys
from datetime import timedelta

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")
    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from moothall.config.demo import council
    from moothall.core.accounts import tokens
    from moothall.core.accounts.actions import create_user

    given = json.load(sys.stdin)
    now = timezone.now() - timedelta(seconds=1)
    call_command("migrate", verbosity=0)
    officer = council.make_ready(
        base_url=given["base_url"],
        credentials=(given["client_id"], given["client_secret"]),
        at=now,
        timeout_seconds=1.5,
        delay_seconds=1,
        retry_seconds=1,
        max_attempts=60,
        per_minute=6000,
        at_once=4,
        breaker_after=8,
    )
    manager = create_user(
        email="mo.manager@council.example.org",
        full_name="Mo Manager",
        groups=["blue_badge_managers"],
        by=officer,
        at=now,
    )
    json.dump([tokens.issue(one, name="storm", days=1, by=one, at=now)[1] for one in (officer, manager)], sys.stdout)


if __name__ == "__main__":
    main()
