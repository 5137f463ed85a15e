"""Settings read from the environment, typed, and loud when wrong. Every name starts with MOOTHALL_ but DATABASE_URL."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(BaseSettings):
    """What differs between machines. What differs between councils lives in the database (`core.council`)."""

    model_config = SettingsConfigDict(env_prefix="MOOTHALL_", extra="ignore")

    data_dir: Path = Path(".data")
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    secret_key: SecretStr = SecretStr("")
    debug: bool = False
    allowed_hosts: list[str] = ["localhost", "127.0.0.1", "[::1]"]
    proxies: int = Field(default=0, ge=0)  # reverse proxies in front of us whose X-Forwarded-For is believed
    log_format: Literal["json", "console"] = "json"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    email_host: str = "localhost"
    email_port: int = 25
    email_user: str = ""
    email_password: SecretStr = SecretStr("")
    email_tls: bool = False
    email_timeout_seconds: int = 20
    upload_limit_mb: int = 20
    statement_timeout_ms: int = 30_000
    lock_timeout_ms: int = 5_000
    test_db: str = "test_moothall"
