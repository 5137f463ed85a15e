"""What time would do after a storm: the leases of killed processes run out, and what they held is taken up.

Run in a process of its own when nothing else runs; it acts as of twenty minutes from now. Prints what it did.
"""

import os
import sys
from datetime import timedelta

import django

LATER = timedelta(minutes=20)  # longer than any lease


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")
    django.setup()
    from django.utils import timezone

    from moothall.connectors.dft_blue_badge import KEY, intake, telling
    from moothall.domain.cases import alarms, delivery
    from moothall.domain.exchange import dispatch
    from moothall.domain.messages.models import Message

    intake.poll(at=timezone.now(), whole=True)
    later = timezone.now() + LATER
    telling.tell(at=later)
    alarms.wake(at=later)
    calls = 0
    for number in range(1, 20):
        made = dispatch.send_due(KEY, clock=dispatch.clock_from(later + number * LATER))
        calls += made
        if not made:
            break
    waiting = list(Message.objects.filter(status__in=["queued", "sending"]).values_list("pk", flat=True))
    for pk in waiting:
        delivery.deliver(pk, at=later + timedelta(days=2))
    sys.stdout.write(f"{calls} calls and {len(waiting)} messages were left by killed processes.\n")


if __name__ == "__main__":
    main()
