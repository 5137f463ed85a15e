"""Documents are fetched from where their links may lead, and from nowhere else whatever a name says later."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from moothall.connectors.dft_blue_badge.errors import NationalError
from moothall.connectors.dft_blue_badge.transport import Credentials, Transport

HERE, ELSEWHERE = "http://127.0.0.1:9", "https://service.example"
Looked = dict[str, list[str]]


def store(base_url: str) -> Transport:
    return Transport(base_url, Credentials(client_id="someone", client_secret="secret"), timeout_seconds=0.5)


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where connections were tried to; none is made."""
    tried: list[str] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Looked:
    """What each name answers, one look-up after the other; an address is itself."""
    known: Looked = {}

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        found = known[host].pop(0) if host in known else host
        family = socket.AF_INET6 if ":" in found else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize("address", ["2a00:1450::1", "64:ff9b::8.8.8.8", "2002:808:808::1", "::ffff:8.8.8.8"])
@pytest.mark.usefixtures("names")
def test_a_public_address_is_tried_also_where_it_is_wrapped(address: str, connected: list[str]) -> None:
    with pytest.raises(NationalError, match="could not be reached"):
        store(ELSEWHERE).download(f"https://[{address}]/photo.png", most_bytes=1000)

    assert len(connected) == 1


@pytest.mark.parametrize(
    "link",
    [
        "http://store.example/photo.png",
        "ftp://store.example/photo.png",
        "https://127.0.0.1/photo.png",
        "https://10.0.0.1/photo.png",
        "https://169.254.169.254/latest",
        "https://224.0.0.1/photo.png",
        "https://[::1]/photo.png",
        "https://[::ffff:10.0.0.1]/photo.png",
        "https://[64:ff9b::10.0.0.1]/photo.png",
        "https://[64:ff9b:1::10.0.0.1]/photo.png",
        "https://[2002:a00:1::]/photo.png",
        "https://[::10.0.0.1]/photo.png",
        "https://[fec0::1]/photo.png",
        "https://localhost/photo.png",
        "",
    ],
)
@pytest.mark.usefixtures("names")
def test_a_link_that_is_not_public_https_is_not_followed(link: str, names: Looked, connected: list[str]) -> None:
    names["localhost"] = ["127.0.0.1"]

    with pytest.raises(NationalError, match="that can be trusted|into a private network"):
        store(ELSEWHERE).download(link, most_bytes=1000)

    assert connected == []


@pytest.mark.parametrize(
    ("link", "base_url", "follows"),
    [
        ("http://127.0.0.1:8000/x", HERE, True),
        ("https://8.8.8.8/x", ELSEWHERE, True),
        ("https://8.8.8.8/x", HERE, True),
        ("http://127.0.0.1:8000/x", "https://127.0.0.1:9", False),
        ("https://10.0.0.1/x", HERE, False),
        ("https://store.example/x", HERE, False),  # its name says it is this machine
    ],
)
def test_links_may_lead_to_this_machine_only_where_the_service_itself_is_on_it(
    link: str, base_url: str, follows: bool, names: Looked, connected: list[str]
) -> None:
    names["store.example"] = ["127.0.0.1"]

    with pytest.raises(NationalError, match="could not be reached" if follows else "trusted|private network"):
        store(base_url).download(link, most_bytes=1000)

    assert bool(connected) == follows


def test_a_name_that_changes_its_mind_after_it_was_checked_leads_nowhere_else(
    names: Looked, connected: list[str]
) -> None:
    names["store.example"] = ["8.8.8.8", "127.0.0.1", "127.0.0.1"]

    with pytest.raises(NationalError, match="could not be reached"):
        store(ELSEWHERE).download("https://store.example/photo.png", most_bytes=1000)

    assert connected == ["8.8.8.8"]


@pytest.fixture
def asked_for(tmp_path: Path) -> Iterator[tuple[int, list[str | None]]]:
    """A store that speaks TLS, with the host names it was asked for; nobody vouches for its certificate."""
    context, asked = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), list[str | None]()
    context.load_cert_chain(certificate(tmp_path / "store.pem"))
    context.sni_callback = lambda _, name, __: asked.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except (ssl.SSLError, OSError):
                    return

        threading.Thread(target=answer, daemon=True).start()
        yield listening.getsockname()[1], asked


def certificate(path: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "store")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    form, no_password = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, no_password)
        + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_the_certificate_is_held_against_the_name_in_the_link_not_the_address(
    asked_for: tuple[int, list[str | None]],
) -> None:
    port, names = asked_for

    with pytest.raises(NationalError, match="could not be reached"):
        store(HERE).download(f"https://localhost:{port}/photo.png", most_bytes=1000)

    assert names == ["localhost"]
