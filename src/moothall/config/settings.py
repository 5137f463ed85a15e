"""Django settings. Values that differ between machines come from `environment.Environment`."""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import dj_database_url
import pghistory
from whitenoise.compress import Compressor

from moothall.config import environment, logs, postgres
from moothall.core.planned import ONLY_WHEN_ASKED

ENVIRONMENT = environment.load()
PACKAGE = Path(__file__).resolve().parent.parent
DATA_DIR = ENVIRONMENT.data_dir.absolute()


def _secret_key() -> str:
    """The key from the environment, or one made on first use and kept under the data directory."""
    if given := ENVIRONMENT.secret_key.get_secret_value():
        return given
    kept = DATA_DIR / "secret_key"
    if not kept.exists():
        DATA_DIR.mkdir(parents=True, exist_ok=True)
        made = DATA_DIR / f"secret_key.{os.getpid()}"
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            kept.hardlink_to(made)  # whole or not at all, whoever else starts at this moment
        made.unlink()
    return kept.read_text()


SECRET_KEY = _secret_key()
DEBUG = ENVIRONMENT.debug
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
PROXIES = ENVIRONMENT.proxies

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "ninja",
    *(f"moothall.core.{app}" for app in ("accounts", "audit", "council", "jobs", "lists", "retention")),
    *(f"moothall.domain.{app}" for app in ("places", "people", "documents", "messages", "payments", "notifications")),
    *(
        f"moothall.domain.{app}"
        for app in ("workflow", "forms", "catalogue", "cases", "opinions", "citizens", "exchange")
    ),
    "moothall.connectors.change_feed",
    "moothall.connectors.dft_blue_badge",
    "moothall.connectors.form_delivery",
    "moothall.connectors.form_lookups",
    "moothall.connectors.govuk_notify",
    "moothall.connectors.govuk_pay",
    "moothall.connectors.pay360_scp",
    *(f"moothall.web.{app}" for app in ("api", "components", "desk", "ops", "public", "portal")),
    "moothall.config",
]

MIDDLEWARE = [
    "moothall.web.ops.middleware.Observed",
    "moothall.web.ops.middleware.SafeHeaders",
    "moothall.web.api.middleware.ApiAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "moothall.web.ops.middleware.Compressed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "moothall.web.desk.middleware.SignedIn",
]

ROOT_URLCONF = "moothall.config.urls"
WSGI_APPLICATION = "moothall.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["moothall.web.desk.context.desk", "moothall.web.portal.context.portal"],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "moothall.web.components.templatetags.components",
            ],
        },
    }
]

POOLED = bool(ENVIRONMENT.direct_database_url)  # DATABASE_URL leads to PgBouncer, the other to PostgreSQL itself
_SESSION = (
    f"-c statement_timeout={ENVIRONMENT.statement_timeout_ms} -c lock_timeout={ENVIRONMENT.lock_timeout_ms}"
    " -c idle_in_transaction_session_timeout=60000"
)


def _database(address: str, *, pooled: bool) -> dict[str, Any]:
    """A connection. Under PgBouncer, which gives each transaction another one, it keeps nothing between them."""
    parsed: dict[str, Any] = {**dj_database_url.parse(address, conn_max_age=60)}
    own: dict[str, Any] = {"prepare_threshold": None}
    if not pooled:
        own = {"options": _SESSION, "prepare_threshold": ONLY_WHEN_ASKED}
    return {
        **parsed,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": pooled,
        "OPTIONS": {**parsed.get("OPTIONS", {}), **own},
    }


DATABASES = {
    "default": {
        **_database(ENVIRONMENT.database_url or postgres.url(DATA_DIR), pooled=POOLED),
        "TEST": {"NAME": ENVIRONMENT.test_db},
    }
}
if POOLED:  # for what listens or lasts: the worker's own connections
    DATABASES["direct"] = {
        **_database(ENVIRONMENT.direct_database_url, pooled=False),
        "TEST": {"MIRROR": "default"},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

AUTHENTICATION_BACKENDS = ["moothall.core.accounts.backends.Backend"]
LOGIN_URL = "desk:sign_in"
SESSION_ENGINE = "moothall.core.accounts.sessions"
SESSION_MINUTES = ENVIRONMENT.session_minutes
SESSION_HOURS = ENVIRONMENT.session_hours
SESSION_COOKIE_AGE = SESSION_MINUTES * 60  # since last used: `web.desk.middleware` notes the use
SESSION_COOKIE_NAME = "__Host-session" if ENVIRONMENT.secure_cookies else "session"
SESSION_COOKIE_SECURE = ENVIRONMENT.secure_cookies
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if ENVIRONMENT.secure_cookies else "csrf"
CSRF_COOKIE_SECURE = ENVIRONMENT.secure_cookies
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "moothall.web.desk.views.errors.stale_form"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # they name people: not in a cookie

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en", "English"), ("cy", "Cymraeg")]
TIME_ZONE = "Europe/London"
USE_TZ = True

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = ENVIRONMENT.email_host
EMAIL_PORT = ENVIRONMENT.email_port
EMAIL_HOST_USER = ENVIRONMENT.email_user
EMAIL_HOST_PASSWORD = ENVIRONMENT.email_password.get_secret_value()
EMAIL_USE_TLS = ENVIRONMENT.email_tls
EMAIL_TIMEOUT = ENVIRONMENT.email_timeout_seconds

MEDIA_ROOT = DATA_DIR / "documents"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "moothall.web.components.assets.Assets"},
}
STATIC_URL = "/static/"
STATIC_ROOT = PACKAGE / "web" / "collected"
WHITENOISE_USE_FINDERS = True  # what was not collected is served all the same, under its own name
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]  # big, and for developers alone
DATA_UPLOAD_MAX_MEMORY_SIZE = ENVIRONMENT.upload_limit_mb * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
SCANNER = ENVIRONMENT.scanner  # host:port or the path of a socket; empty: files are not scanned
SCANNER_TIMEOUT_SECONDS = ENVIRONMENT.scanner_timeout_seconds
SCANNER_TRIES = ENVIRONMENT.scanner_tries  # for one application, at a file it says nothing about

# Row history is written by triggers; who and why are put beside each row by `core.audit.because`.
PGHISTORY_CONTEXT_FIELD = pghistory.ContextJSONField()
PGHISTORY_APPEND_ONLY = True

LOGGING_CONFIG = None
logs.configure(format=ENVIRONMENT.log_format, level=ENVIRONMENT.log_level)

COMPILED_CHECKED = False  # whether each statement of `core.compiled` is made anew beside, and compared: in tests

METRICS_TOKEN = ENVIRONMENT.metrics_token.get_secret_value()
QUEUE_STALLED_AFTER_SECONDS = ENVIRONMENT.queue_stalled_after_seconds
WORKER_DATABASE = "direct" if POOLED else "default"
WORKER_JOBS = ENVIRONMENT.worker_jobs
WORKER_HEARTBEAT_SECONDS = ENVIRONMENT.worker_heartbeat_seconds
WORKER_DEAD_AFTER_SECONDS = ENVIRONMENT.worker_dead_after_seconds

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 31_536_000  # said over HTTPS only
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
