"""The play in its own process: starts the sandbox, then the product with its settings, and ends both.

Run by `moothall demo` with the environment of a scratch database.
"""

import os
import signal
import sys

import django

from moothall.sandbox import testing

STOPPED = 130  # as a shell says it of a command that was interrupted


def main() -> int:
    """Play; the exit status is 0 only when all that was expected was seen."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with testing.start("--no-presets", "--processed-after", "1.5", "--issued-after", "3") as sandbox:
            host, port = sandbox.smtp
            os.environ |= {"MOOTHALL_EMAIL_HOST": host, "MOOTHALL_EMAIL_PORT": str(port)}
            os.environ["MOOTHALL_SCANNER"] = sandbox.scanner
            os.environ.setdefault("MOOTHALL_LOG_LEVEL", "WARNING")
            os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moothall.config.settings")
            django.setup()
            from moothall.config.demo import story

            return story.tell(sandbox)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
