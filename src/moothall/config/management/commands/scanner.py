"""`moothall scanner`: whether the virus scanner answers, finds what it should, and takes files as large as we do."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from moothall.domain.documents import scanning

TEST_FILE = b"".join((rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$", b"EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE", b"!$H+H*"))
"""A harmless text that every virus scanner finds (www.eicar.org). It is in pieces so that none finds this file."""


class Command(BaseCommand):
    help = "Try the virus scanner with a harmless file that every scanner finds, and with the largest that is taken."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        scanner = scanning.configured()
        if scanner is None:
            raise CommandError(scanning.warning())
        try:
            self.stdout.write(f"The virus scanner at {scanner.address} answers: {scanner.version()}")
            found = scanner.find(TEST_FILE)
        except scanning.NotScanned as silent:
            raise CommandError(
                f"The virus scanner at {scanner.address} does not answer. The log says more."
            ) from silent
        if not found:
            raise CommandError(
                "It does not find the harmless test file, so it would find no virus: check its database."
            )
        self.stdout.write(f"It finds the harmless test file: {found}")
        largest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        try:
            scanner.find(bytes(largest))
        except scanning.TooLargeToScan as refused:
            raise CommandError(
                f"It takes no files of {largest // 1024**2} MB, as we do: raise its StreamMaxLength, or lower"
                " MOOTHALL_UPLOAD_LIMIT_MB."
            ) from refused
        except scanning.NotScanned as silent:
            raise CommandError(
                f"It does not answer about a file of {largest // 1024**2} MB. The log says more."
            ) from silent
        self.stdout.write(f"It takes files of {largest // 1024**2} MB.")
