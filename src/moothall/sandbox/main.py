"""`moothall sandbox`: start the stand-ins and say, in one line of JSON, where they are."""

import argparse
import asyncio
import contextlib
import json
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from moothall.kit import arguments
from moothall.sandbox import admin, control
from moothall.sandbox.calls import Calls
from moothall.sandbox.clamd import Scanner
from moothall.sandbox.control import Sandbox
from moothall.sandbox.dft import api, seeds
from moothall.sandbox.dft.world import World
from moothall.sandbox.faults import Faults, FaultyService
from moothall.sandbox.notify import api as notify
from moothall.sandbox.notify.world import KINDS, NotifyWorld
from moothall.sandbox.one_login import PATH as ONE_LOGIN
from moothall.sandbox.one_login import OneLogin
from moothall.sandbox.pay import api as pay
from moothall.sandbox.pay.world import PREFIX as PAY
from moothall.sandbox.pay.world import PayWorld
from moothall.sandbox.receiver import PATH as RECEIVER
from moothall.sandbox.receiver import Receiver
from moothall.sandbox.rest import HEADER, Rest
from moothall.sandbox.rest import PATH as REST
from moothall.sandbox.scp import api as scp
from moothall.sandbox.scp.world import PREFIX as SCP
from moothall.sandbox.scp.world import ScpWorld
from moothall.sandbox.smtp import MailSink

OWN_PATHS = ("/_control", "/_admin")


class Connections:
    """The open connections, so that a fault can close one without an answer."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def hang_up(self, scope: Scope) -> None:
        """Close the connection a call came on."""
        if transport := self._open.get(tuple(scope["client"])):
            transport.abort()

    def protocol(self) -> type[H11Protocol]:
        """The HTTP protocol that registers its connections here."""
        register = self._open

        class Registered(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                register[_peer(transport)] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                register.pop(_peer(self.transport), None)
                super().connection_lost(exc)

        return Registered


def _peer(transport: asyncio.BaseTransport) -> tuple[str, int]:
    host, port = transport.get_extra_info("peername")[:2]
    return str(host), int(port)


class Server(uvicorn.Server):
    """uvicorn without its own signal handlers: being told to stop is a clean end."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build(sandbox: Sandbox, connections: Connections) -> ASGIApp:
    """The whole web application: the services behind their faults, the control interface, the admin pages."""
    service = api.service(sandbox.world)
    told = Starlette(routes=[Route(RECEIVER + "/{rest:path}", sandbox.receiver.take, methods=["POST"])])
    paying = Starlette(routes=pay.routes(sandbox.pay))
    own = Starlette(routes=[*control.routes(sandbox), *admin.routes(sandbox)])
    elsewhere = {RECEIVER: told, PAY: paying, SCP: Starlette(routes=scp.routes(sandbox.scp))}
    elsewhere[REST] = Starlette(routes=sandbox.rest.routes())
    elsewhere[ONE_LOGIN] = Starlette(routes=sandbox.one_login.routes())
    elsewhere["/v2"] = Starlette(routes=notify.routes(sandbox.notify))  # its own client knows no other beginning

    async def outside(scope: Scope, receive: Receive, send: Send) -> None:
        first = f"/{scope['path'].split('/')[1]}" if scope["type"] == "http" else ""
        await elsewhere.get(first, service)(scope, receive, send)

    faulty = FaultyService(outside, faults=sandbox.faults, calls=sandbox.calls, hang_up=connections.hang_up)

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        mine = scope["type"] == "http" and scope["path"].startswith(OWN_PATHS)
        await (own if mine else faulty)(scope, receive, send)

    return application


def announcement(sandbox: Sandbox, *, smtp: tuple[str, int], scanner: tuple[str, int]) -> dict[str, Any]:
    """The line printed at start: where everything is and who may call."""
    clients = sandbox.world.clients
    citizen = clients.citizen_app()
    return {
        "dft": {
            "base_url": sandbox.world.base_url,
            "citizen_app": {"client_id": citizen.client_id, "client_secret": citizen.client_secret},
            "authorities": [
                {"la": client.la, "client_id": client.client_id, "client_secret": client.client_secret}
                for client in clients.of_authorities()
            ],
        },
        "smtp": {"host": smtp[0], "port": smtp[1]},
        "scanner": {"host": scanner[0], "port": scanner[1]},
        "govuk_pay": {
            "base_url": sandbox.pay.base_url + PAY,
            "api_key": sandbox.pay.api_key,
            "signing_secret": sandbox.pay.signing_secret,
        },
        "govuk_notify": {
            "base_url": sandbox.world.base_url,
            "keys": {kind: sandbox.notify.key(kind) for kind in KINDS},
            "callback_token": sandbox.notify.callback_token,
        },
        "pay360": {
            "base_url": f"{sandbox.scp.base_url}{SCP}/scpws",
            "scp_id": sandbox.scp.scp_id,
            "site_id": sandbox.scp.site_id,
            "hmac_key_id": sandbox.scp.key_id,
            "hmac_secret": sandbox.scp.secret,
        },
        "rest": {
            "base_url": sandbox.world.base_url + REST,
            "header": HEADER,
            "key": sandbox.rest.key,
        },
        "control": {"base_url": f"{sandbox.world.base_url}/_control"},
    }


def run(argv: list[str]) -> int:
    """Serve until told to stop; return the exit status."""
    options = _parser().parse_args(argv)
    try:
        asyncio.run(_serve(options))
    except (OSError, sqlite3.Error) as fault:
        where = f"{options.host} port {options.port}, mail {options.smtp_port}, scanner {options.scanner_port}"
        print(f"The sandbox cannot start on {where}: {fault}.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="moothall sandbox", description=__doc__)
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    add("--port", type=arguments.port, default=0, help="port of the web server (default: a free one)")
    add("--smtp-port", type=arguments.port, default=0, help="port of the mail server (default: a free one)")
    add("--scanner-port", type=arguments.port, default=0, help="port of the virus scanner (default: a free one)")
    add("--state", type=Path, help="SQLite file that keeps the state over a restart")
    add("--credentials-seed", help="make the same credentials at every start from this text")
    add("--no-presets", action="store_true", help="start without the preset badges and application")
    add("--processed-after", type=_step, help="seconds until an ordered badge is printed, or never (default 60)")
    add("--issued-after", type=_step, help="seconds from order until a badge is issued, or never (default 120)")
    return parser


def _step(text: str) -> dict[str, float | None]:
    return {"after": None if text == "never" else float(text)}


def _world(options: argparse.Namespace) -> World:
    world = World(path=options.state, credentials_seed=options.credentials_seed)
    if not options.no_presets and not world.applications and not world.badges:
        seeds.plant(world)
    steps = {"processed_after": options.processed_after, "issued_after": options.issued_after}
    if changes := {name: step["after"] for name, step in steps.items() if step is not None}:
        world.change_settings(changes)
    return world


async def _serve(options: argparse.Namespace) -> None:
    world = _world(options)
    pay_world = PayWorld(store=world.store, seed=options.credentials_seed)
    notified = NotifyWorld(seed=options.credentials_seed)
    portal = ScpWorld(store=world.store, seed=options.credentials_seed)
    sandbox = Sandbox(
        world, Faults(), Calls(), MailSink(), Scanner(), Receiver(), pay_world, portal, notified, OneLogin(), Rest()
    )
    connections = Connections()
    listener = socket.create_server((options.host, options.port), backlog=2048)
    # The listener's setting is each connection's: without it an answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    port = listener.getsockname()[1]
    world.base_url = pay_world.base_url = portal.base_url = sandbox.one_login.base = f"http://{options.host}:{port}"
    config = uvicorn.Config(
        build(sandbox, connections),
        http=connections.protocol(),
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = Server(config)
    mail = await asyncio.get_running_loop().create_server(sandbox.mail.protocol, options.host, options.smtp_port)
    scanner = await asyncio.start_server(sandbox.scanner.answer, options.host, options.scanner_port)
    _stop_on_signals(server)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not serving.done():
            await asyncio.sleep(0.01)
        if server.started:
            smtp, scans = ((options.host, one.sockets[0].getsockname()[1]) for one in (mail, scanner))
            print(json.dumps(announcement(sandbox, smtp=smtp, scanner=scans)), flush=True)
        await serving
    finally:
        mail.close()
        scanner.close()
        sandbox.scanner.stop()
        world.store.close()


def _stop_on_signals(server: Server) -> None:
    def stop() -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop)
