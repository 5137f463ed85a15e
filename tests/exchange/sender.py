"""A nursery of senders for the kill test: a line on standard input makes one more, whose process id is printed.

Run with the name of the test database; each line is the address of a press. Each sender is a process of its own.
"""

import os
import signal
import sys
import time


def nursery(database: str) -> None:
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    settings.DATABASES["default"]["CONN_MAX_AGE"] = None
    django.setup()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for url in sys.stdin:
        pid = os.fork()
        if not pid:
            send_for_ever(url.strip())
        print(pid, flush=True)


def send_for_ever(url: str) -> None:
    from tests.exchange.press import CONNECTOR, Order

    from moothall.domain.exchange import dispatch, operations

    operations.register(Order(url))
    parent = os.getppid()
    while os.getppid() == parent:
        dispatch.send_due(CONNECTOR, seconds=5)
        time.sleep(0.02)
    os._exit(0)


if __name__ == "__main__":
    nursery(*sys.argv[1:])
