"""`moothall serve`: web processes under one parent, which starts another when one dies."""

import argparse
import os
import tempfile

from granian import Granian
from granian.constants import Interfaces

from moothall.config import environment


def run(arguments: list[str]) -> int:
    """Serve the product over HTTP until told to stop.

    The parent imports nothing of the product, so that each process begins fresh and keeps its own figures in a folder
    that all of them read.
    """
    settings = environment.load()
    parser = argparse.ArgumentParser("moothall serve", description="Serve over HTTP, behind a proxy that speaks HTTPS.")
    parser.add_argument("--host", default=settings.host)
    parser.add_argument("--port", type=int, default=settings.port)
    parser.add_argument("--processes", type=int, default=settings.web_processes)
    parser.add_argument("--threads", type=int, default=settings.web_threads)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="moothall-metrics-") as figures:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        Granian(
            "moothall.config.wsgi:application",
            address=options.host,
            port=options.port,
            interface=Interfaces.WSGI,
            workers=options.processes,
            blocking_threads=options.threads,
            log_access=False,
            respawn_failed_workers=True,
            workers_kill_timeout=60,
        ).serve()
    return 0
