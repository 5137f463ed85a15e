"""What a database holds, as SQL."""

import subprocess

from moothall.config import postgres
from moothall.config.bench import server


def dump(database: str, *options: str) -> str | None:
    """The whole of it, the same each time; None where the server is newer than the programs that come with the product."""
    command = [postgres.programs() / "pg_dump", "--inserts", "--restrict-key", "same", *options]
    done = subprocess.run([*command, "--dbname", server.address(database)], capture_output=True, text=True)
    if "server version mismatch" in done.stderr:
        return None
    assert done.returncode == 0, done.stderr
    return done.stdout
