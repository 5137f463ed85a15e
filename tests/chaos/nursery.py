"""Brings up real workers quickly: loads the product once and forks a worker for each line of input.

Each answer is the new worker's process id. The workers run `core.jobs.running`, as `moothall worker` does.
"""

import os
import signal
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")
    django.setup()
    from moothall.core.jobs import running
    from moothall.domain.messages import pdf

    assert pdf
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever killed a worker does not come back for it
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            running.run(jobs_at_once=3)
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
