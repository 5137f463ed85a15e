"""What an example council keeps beside its database, so that it is the same when it is started again."""

import secrets
from pathlib import Path


def password(folder: Path) -> str:
    """The password of everybody who works there, made on first use."""
    file = folder / "example_password"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(f"example-{secrets.token_hex(4)}-{secrets.token_hex(4)}")
    return file.read_text()


def sandbox(folder: Path) -> list[str]:
    """How its sandboxed national service is started: what was applied for and ordered there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    return ["--no-presets", "--state", str(folder / "sandbox.sqlite"), "--credentials-seed", "example"]
