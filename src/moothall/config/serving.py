"""`moothall serve`: web processes under one parent, which starts another when one dies."""

import argparse
import os
import socket
import sys

from granian import Granian
from granian.constants import Interfaces

from moothall.config import environment
from moothall.kit import arguments as numbers
from moothall.kit import scratch


def run(arguments: list[str]) -> int:
    """Serve the product over HTTP until told to stop; return the exit status.

    The parent imports nothing of the product, so that each process begins fresh and keeps its own figures in a folder
    that all of them read.
    """
    settings = environment.load()
    parser = argparse.ArgumentParser("moothall serve", description="Serve over HTTP, behind a proxy that speaks HTTPS.")
    parser.add_argument("--host", default=settings.host)
    parser.add_argument("--port", type=numbers.port, default=settings.port)
    parser.add_argument("--processes", type=numbers.count, default=settings.web_processes)
    parser.add_argument("--threads", type=numbers.count, default=settings.web_threads)
    options = parser.parse_args(arguments)
    try:
        listen_once(options.host, options.port)
    except OSError as fault:
        sys.stderr.write(f"{options.host} port {options.port} cannot be listened on: {fault.strerror}.\n")
        return 1
    with scratch.folder("moothall-metrics-") as figures:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(figures)
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


def listen_once(host: str, port: int) -> None:
    """Listen for a moment. Raises OSError, where the processes would each fail and be started again."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    socket.create_server((host, port), family=family).close()
