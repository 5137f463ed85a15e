"""A nursery of pollers for the kill test: a line on standard input makes one more, whose process id is printed.

Run with the name of the test database. Each poller is a process of its own and polls until it is killed.
"""

import os
import signal
import sys
import time


def nursery(database: str) -> None:
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for _ in sys.stdin:
        pid = os.fork()
        if not pid:
            poll_for_ever()
        print(pid, flush=True)


def poll_for_ever() -> None:
    from django.utils import timezone

    from moothall.connectors.dft_blue_badge import intake
    from moothall.connectors.dft_blue_badge.errors import NationalError

    parent = os.getppid()
    while os.getppid() == parent:
        try:
            intake.poll(at=timezone.now())
        except NationalError:
            time.sleep(0.05)
    os._exit(0)


if __name__ == "__main__":
    nursery(sys.argv[1])
