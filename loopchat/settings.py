"""Every setting, in groups. Whatever an operator may want to change is a `LOOPCHAT_*` variable.

A bad value ends the program with one line that names the variable (`loopchat.environment`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from loopchat import __version__
from loopchat import environment as env
from loopchat import environment_people as people_env
from loopchat.allauth_settings import *  # noqa: F403 - each name of it is a setting
from loopchat.core.destinations import Allowed
from loopchat.core.limits import parse_rate
from loopchat.instance_files import data_home, older_keys, secret_key, tree_hash
from loopchat.log_lines import configuration

env.load_env_file()

# --- This instance ------------------------------------------------------------------------------

DATA_DIR: Path = env.folder("LOOPCHAT_DATA_DIR", data_home())
SECRET_KEY: str = secret_key("LOOPCHAT_SECRET_KEY", DATA_DIR / "secret-key")
SECRET_KEY_FALLBACKS: list[str] = older_keys("LOOPCHAT_SECRET_KEY_FALLBACKS")
DEBUG = False

HOST: str = env.text("LOOPCHAT_HOST", "127.0.0.1")
PORT: int = env.number("LOOPCHAT_PORT", 8000, least=1, most=65535)
WORKERS: int = env.number("LOOPCHAT_WORKERS", 1, least=1, most=256)

ORIGINS: tuple[str, ...] = env.origins("LOOPCHAT_ORIGINS")
"""The site's public addresses, `scheme://host[:port]` each."""
TRUSTED_PROXIES: tuple[str, ...] = env.networks("LOOPCHAT_TRUSTED_PROXIES")
"""Networks whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed."""
IS_HTTPS: bool = bool(ORIGINS) and all(origin.startswith("https:") for origin in ORIGINS)

# --- People -------------------------------------------------------------------------------------

SIGNUP: str = env.choice("LOOPCHAT_SIGNUP", "open", ("open", "invite", "closed", "approval"))
PASSWORDLESS: str = env.choice("LOOPCHAT_PASSWORDLESS", "off", ("off", "on", "public"))
INVITERS: str = env.choice("LOOPCHAT_INVITERS", "everybody", ("everybody", "owners"))
"""Who may make links that bring people in, as far as the rules of the room let them."""
BOT_MAKERS: str = env.choice("LOOPCHAT_BOT_MAKERS", "owners", ("owners", "everybody"))
"""Who may make bots, and addresses at which programs post."""

EMAIL_FROM: str = people_env.sender("LOOPCHAT_EMAIL_FROM")
MAIL: people_env.Mail | None = people_env.mail(
    "LOOPCHAT_EMAIL_URL", sender=EMAIL_FROM, sender_name="LOOPCHAT_EMAIL_FROM", origins=ORIGINS
)
"""How letters leave; None: this server sends none."""
DEFAULT_FROM_EMAIL = EMAIL_FROM
SIGNUP_DOMAINS: tuple[str, ...] = people_env.domains(
    "LOOPCHAT_SIGNUP_DOMAINS", can_mail=MAIL is not None
)
"""New accounts need an address in one of these domains; empty: none at all."""
OIDC: tuple[people_env.Provider, ...] = people_env.providers("LOOPCHAT_OIDC")
"""Others who know people: their buttons stand on the sign-in page."""

# --- Limits -------------------------------------------------------------------------------------

RATE_SEND = env.parsed("LOOPCHAT_RATE_SEND", "5/s:20", parse_rate)
RATE_COMMAND = env.parsed("LOOPCHAT_RATE_COMMAND", "20/s:60", parse_rate)
RATE_CONNECT = env.parsed("LOOPCHAT_RATE_CONNECT", "200/s:400", parse_rate)
RATE_ADDRESS = env.parsed("LOOPCHAT_RATE_ADDRESS", "50/s:200", parse_rate)
"""New sockets from one address; off where all sockets may come as fast as they like."""
RATE_ROOM = env.parsed("LOOPCHAT_RATE_ROOM", "100/s:400", parse_rate)
"""Messages of all people together in one room; off where each may send as fast as they like."""
if RATE_CONNECT is None:
    RATE_ADDRESS = None
if RATE_SEND is None:
    RATE_ROOM = None
RATE_SIGN_IN = env.parsed("LOOPCHAT_RATE_SIGN_IN", "1/s:60", parse_rate)
"""Sign-ins and sign-ups per address; off: no delays after wrong passwords either."""
SOCKETS_PER_PERSON: int | None = env.number_or_off(
    "LOOPCHAT_SOCKETS_PER_PERSON", 20, least=1, most=100_000
)
RECEIPTS_MAX: int = env.number("LOOPCHAT_RECEIPTS_MAX", 64, least=0, most=1000)
"""Rooms with more members than this have no read receipts and no typing."""

WEBHOOK_ALLOW: Allowed = env.destinations("LOOPCHAT_WEBHOOK_ALLOW")
"""Hosts and networks of one's own that webhooks may reach beside the public internet."""

# --- Database and bus ---------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database(
        "LOOPCHAT_DATABASE_URL",
        DATA_DIR / "loopchat.sqlite3",
        connections=env.number("LOOPCHAT_DATABASE_CONNECTIONS", 16, least=4, most=1000),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL: str | None = env.redis_url("LOOPCHAT_REDIS_URL")
"""The bus between processes; None: one process, nothing else needed."""

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Django's parts -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "loopchat",  # before Django's own: `runserver` is ours
    "loopchat.web",  # before allauth: our templates count
    "loopchat.api",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    *(("allauth.socialaccount.providers.openid_connect",) if OIDC else ()),
    "loopchat.leaving",
    "loopchat.hooks",
    "loopchat.bots",
    "loopchat.invitations",
    "loopchat.chat",
    "loopchat.contacts",
    "loopchat.accounts",
    "loopchat.realtime",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "loopchat.web.request_log.name_the_route",
    "loopchat.web.middleware.security_headers",
    "django.middleware.locale.LocaleMiddleware",
    "loopchat.web.middleware.known_host",
    "loopchat.web.middleware.plain_address",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "loopchat.web.middleware.bearer",
    "loopchat.web.middleware.note_device",
    "loopchat.web.programs.KeepProgramsOut",
    "loopchat.web.guests.KeepGuestsHome",
    "django.contrib.messages.middleware.MessageMiddleware",
    "loopchat.web.middleware.set_up_first",
    "allauth.account.middleware.AccountMiddleware",
]

# Our own `security_headers` sets what these two checks look for.
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002"]

ROOT_URLCONF = "loopchat.urls"
ASGI_APPLICATION = "loopchat.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "loopchat.web.look.in_templates",
            ],
        },
    }
]

# --- Accounts and sign-in -----------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["loopchat.accounts.backends.PeopleBackend"]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "lobby"
LOGOUT_REDIRECT_URL = "sign_in"

PASSWORD_RESET_TIMEOUT = 60 * 60 * 24
if RATE_SIGN_IN is None:
    ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "email")},
    },
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]

# A cookie name of its own lets several instances share one host name: cookies ignore ports.
_COOKIE: str = env.parsed("LOOPCHAT_SESSION_COOKIE", "loopchat_session", env.cookie_name)
_PREFIX = "__Host-" if IS_HTTPS else ""

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME: str = _PREFIX + _COOKIE
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

CSRF_COOKIE_NAME: str = f"{_PREFIX}{_COOKIE}_csrf"
CSRF_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = list(ORIGINS)
CSRF_FAILURE_VIEW = "loopchat.web.refusals.csrf_failed"

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- The API ------------------------------------------------------------------------------------

SPECTACULAR_SETTINGS = {
    "TITLE": "Loopchat",
    "DESCRIPTION": "Rooms, messages and people, in the shapes of the socket's protocol.",
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "POSTPROCESSING_HOOKS": [],
}

# --- HTTP ---------------------------------------------------------------------------------------

# `known_host` is stricter than a list can say: localhost, IP literals and the hosts of ORIGINS.
ALLOWED_HOSTS = ["*"]
# `known_host` removes forwarded headers that do not come from a trusted proxy.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# The address of static files changes with their content, so browsers keep them for ever.
STATIC_HASH: str = tree_hash(Path(__file__).parent / "web" / "static")
STATIC_URL: str = f"/static/{STATIC_HASH}/"

# --- Language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each in its own words: who looks for theirs may read no other.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LANGUAGE_COOKIE_NAME = "loopchat_language"  # set by `loopchat.web.look`
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Log ----------------------------------------------------------------------------------------

LOG_LEVEL: str = env.choice(
    "LOOPCHAT_LOG_LEVEL", "info", ("debug", "info", "warning", "error")
).upper()

LOG_FORMAT: str = env.choice("LOOPCHAT_LOG_FORMAT", "text", ("text", "json"))
ACCESS_LOG: bool = env.choice("LOOPCHAT_ACCESS_LOG", "off", ("off", "on")) == "on"
_SLOW_MS: int | None = env.number_or_off("LOOPCHAT_SLOW_MS", 1000, least=0, most=60_000)
SLOW_S: float | None = _SLOW_MS / 1000 if _SLOW_MS is not None else None
"""Seconds after which a request, a query or a commit is worth a warning."""

LOGGING: dict[str, Any] = configuration(LOG_LEVEL, LOG_FORMAT)

# --- Watching -----------------------------------------------------------------------------------

METRICS_FROM: tuple[str, ...] = env.networks("LOOPCHAT_METRICS_FROM", "127.0.0.1 ::1")
"""Who may read `/metrics` without a token, as long as no proxy is in between."""
METRICS_TOKEN: str = env.secret("LOOPCHAT_METRICS_TOKEN")
SENTRY_DSN: str = env.sentry_dsn("LOOPCHAT_SENTRY_DSN")

# --- Backups ------------------------------------------------------------------------------------

BACKUP_FOLDER: str = env.text("LOOPCHAT_BACKUP_FOLDER")
"""Where `serve` puts backups by itself; nothing: it makes none."""
BACKUP_HOURS: int = env.number("LOOPCHAT_BACKUP_HOURS", 24, least=1, most=24 * 31)
BACKUP_KEEP: int = env.number("LOOPCHAT_BACKUP_KEEP", 14, least=1, most=10_000)
