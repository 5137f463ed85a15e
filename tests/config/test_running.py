"""`moothall run`: it says where to go once something listens there, and that a port is in use before it makes anything."""

import socket
import subprocess
import sys

import pytest

from moothall.config import environment, running


def test_a_port_that_is_in_use_is_said_before_anything_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server((environment.load().host, 0)) as other:
        port = other.getsockname()[1]

        assert running.run(["--port", str(port)]) == 1

    assert f"port {port} cannot be listened on: Address already in use" in capsys.readouterr().err


def test_the_address_is_told_once_something_listens_there_and_not_when_a_process_ended_first() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert running.listens([], "127.0.0.1", port)
    assert not running.listens([ended], "127.0.0.1", port)
