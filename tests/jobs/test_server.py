"""The private PostgreSQL, as it was started."""

from tests.jobs.conftest import Server

from moothall.config import postgres


def test_the_private_server_is_told_of_the_machine_it_runs_on(server: Server) -> None:
    def size(text: str) -> int:
        return int(server.rows("SELECT pg_size_bytes(%s)", text)[0][0])

    told = postgres.settings()
    running = {name: server.rows("SELECT current_setting(%s)", name)[0][0] for name in told}
    sizes = [name for name, value in told.items() if value.endswith(("MB", "GB"))]
    assert {name: size(running[name]) for name in sizes} == {name: size(told[name]) for name in sizes}
    assert {name: running[name] for name in told if name not in sizes} == {
        name: told[name] for name in told if name not in sizes
    }
    assert 128 * 2**20 <= size(running["shared_buffers"]) <= 2 * 2**30
