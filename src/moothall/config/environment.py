"""Settings read from the environment, typed, and loud when wrong. Every name starts with MOOTHALL_ but DATABASE_URL.

What each is for stands in `docs/administrators/settings.md`; a test keeps the two in step.
"""

import difflib
import os
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "MOOTHALL_"
LIKE = "postgresql://user:password@host:5432/name"
LOOPBACK = {"", "localhost", "127.0.0.1", "::1", "none"}


class SettingsFault(Exception):
    """The environment is wrong. Its message is a sentence for each fault, naming the variable."""


class Environment(BaseSettings):
    """What differs between machines. What differs between councils lives in the database (`core.council`)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore")

    data_dir: Path = Path(".data")
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    direct_database_url: str = ""
    secret_key: SecretStr = SecretStr("")
    debug: bool = False
    allowed_hosts: list[str] = ["localhost", "127.0.0.1", "[::1]"]
    proxies: int = Field(default=0, ge=0)
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65_535)
    web_processes: int = Field(default=2, ge=1)
    web_threads: int = Field(default=4, ge=1)
    worker_jobs: int = Field(default=4, ge=1)
    worker_heartbeat_seconds: float = Field(default=10.0, gt=0)
    worker_dead_after_seconds: float = Field(default=30.0, gt=0)
    queue_stalled_after_seconds: float = Field(default=300.0, gt=0)
    session_minutes: int = Field(default=30, ge=10, le=720)
    session_hours: int = Field(default=12, ge=1, le=24)
    secure_cookies: bool = True
    metrics_token: SecretStr = SecretStr("")
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    email_host: str = "localhost"
    email_port: int = Field(default=25, ge=1, le=65_535)
    email_user: str = ""
    email_password: SecretStr = SecretStr("")
    email_tls: bool = False
    email_timeout_seconds: int = Field(default=20, ge=1)
    scanner: str = ""
    scanner_timeout_seconds: float = Field(default=20.0, gt=0, le=300)
    scanner_tries: int = Field(default=5, ge=1, le=100)
    upload_limit_mb: int = Field(default=20, ge=1)
    statement_timeout_ms: int = Field(default=30_000, ge=0)
    lock_timeout_ms: int = Field(default=5_000, ge=0)
    test_db: str = "test_moothall"

    @field_validator("database_url", "direct_database_url")
    @classmethod
    def _is_postgresql(cls, given: str) -> str:
        if given and not _names_a_database(given):
            raise ValueError(f"must be like {LIKE}, with what is no letter or digit of a password written as %40 for @")
        return given

    @field_validator("scanner")
    @classmethod
    def _is_reachable(cls, given: str) -> str:
        host, _, port = given.rpartition(":")
        if given and not given.startswith("/") and not (host and port.isdecimal() and 0 < int(port) < 65_536):
            raise ValueError(
                "must be like scanner.example.org:3310, or the path of a socket like /run/clamav/clamd.ctl"
            )
        return given

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        secret = self.secret_key.get_secret_value()
        if secret and len(secret) < 50:
            raise ValueError("MOOTHALL_SECRET_KEY must have at least 50 characters.")
        if not secret and (urlsplit(self.database_url).hostname or "") not in LOOPBACK:
            raise ValueError(
                "MOOTHALL_SECRET_KEY must be given with a DATABASE_URL on another machine: every machine needs the same."
            )
        if self.direct_database_url and not self.database_url:
            raise ValueError("MOOTHALL_DIRECT_DATABASE_URL goes with a DATABASE_URL that leads to PgBouncer.")
        if self.worker_dead_after_seconds < 2 * self.worker_heartbeat_seconds:
            raise ValueError(
                "MOOTHALL_WORKER_DEAD_AFTER_SECONDS must be at least twice MOOTHALL_WORKER_HEARTBEAT_SECONDS,"
                " or a busy worker is taken for dead."
            )
        return self


def load() -> Environment:
    """Read the environment. Raises SettingsFault naming every variable that is unknown or wrong."""
    faults = [_unknown(name) for name in os.environ if name.startswith(PREFIX) and not _known(name)]
    try:
        environment = Environment()
    except ValidationError as error:
        faults += [_sentence(fault["loc"], fault["msg"]) for fault in error.errors(include_input=False)]
    if faults:
        raise SettingsFault("\n".join(faults))
    return environment


def variables() -> list[str]:
    """The name of every variable, in the order declared."""
    return [str(field.validation_alias or PREFIX + name.upper()) for name, field in Environment.model_fields.items()]


def _known(name: str) -> bool:
    return name in variables() or name.startswith(f"{PREFIX}SANDBOX_")


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, variables(), n=1)
    return f"{name} is no setting." + (f" Did you mean {near[0]}?" if near else "")


def _sentence(where: tuple[int | str, ...], message: str) -> str:
    if not where:
        return message.removeprefix("Value error, ")
    name = str(where[0])
    return f"{name if name.isupper() else PREFIX + name.upper()}: {message.removeprefix('Value error, ')}."


def _names_a_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("postgresql", "postgres") and bool(parts.path.strip("/")) and parts.port != 0
    except ValueError:  # a port that is none
        return False
