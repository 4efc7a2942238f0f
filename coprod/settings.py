"""Every setting, from the environment; never app logic.

Without any variable this is the embedded portal: SQLite, a broker made of files and no servers.
``DATABASE_URL``, ``REDIS_URL`` and ``EMAIL_URL`` switch the same code to real servers.
"""

import hashlib
import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules


def _flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, "1" if default else "").lower() in {"1", "true", "yes", "on"}


# Where this installation keeps its database, files, mail and broker folders.
DATA_DIR = Path(os.environ.get("COPROD_DATA", BASE_DIR / "var")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """The key from the environment, else one made on first start and kept beside the data."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


SECRET_KEY = _secret_key()
# Bank details are sealed by the first; the others still open what they sealed. Without any, by a
# key that follows from the secret key. ``manage.py rotate_bank_keys`` seals all by the first.
COPROD_BANK_KEYS = [k for k in os.environ.get("COPROD_BANK_KEYS", "").split(",") if k]
DEBUG = _flag("COPROD_DEBUG")
EMAIL_URL = os.environ.get("EMAIL_URL", "")
# The demonstration forum: invented people, every mail to be read at /demo/mail/. Never where
# mail really leaves, whatever file an older demonstration left in the folder.
COPROD_DEMO = (_flag("COPROD_DEMO") or (DATA_DIR / "demo").exists()) and not EMAIL_URL
PORT = int(os.environ.get("PORT", "8000"))
# Links in letters come from here only, never from a request's Host header.
COPROD_ORIGIN = os.environ.get("COPROD_ORIGIN", f"http://127.0.0.1:{PORT}").rstrip("/")
_origin = urlsplit(COPROD_ORIGIN)
HTTPS = _origin.scheme == "https"
ALLOWED_HOSTS = [str(_origin.hostname), "127.0.0.1", "localhost", "[::1]"]
ALLOWED_HOSTS += [h for h in os.environ.get("ALLOWED_HOSTS", "").split(",") if h]
CSRF_TRUSTED_ORIGINS = [COPROD_ORIGIN] if HTTPS else []

INSTALLED_APPS = [
    "coprod.apps.CoprodConfig",
    "members.apps.MembersConfig",
    "projects.apps.ProjectsConfig",
    "meetings.apps.MeetingsConfig",
    "expenses.apps.ExpensesConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "crispy_forms",
    "csp",
    "rules",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "coprod.middleware.PrivateUnlessPublic",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "coprod.middleware.StoredPagesFirst",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.middleware.SignedIn",
    "coprod.middleware.SignInKeepingWords",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "coprod.urls"
WSGI_APPLICATION = "coprod.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "coprod.context.forum",
            ],
        },
    },
]

FORM_RENDERER = "coprod.forms.Renderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["pcf"]
CRISPY_TEMPLATE_PACK = "pcf"
CRISPY_FAIL_SILENTLY = False


def _database() -> dict[str, Any]:
    """SQLite beside the data, or the PostgreSQL named by ``DATABASE_URL``."""
    url = os.environ.get("DATABASE_URL", "")
    if url and not url.startswith("sqlite"):
        parts = urlsplit(url)
        host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": host,
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "forum.sqlite3",
        # Several processes write: take the write lock when the transaction starts and wait for it.
        "OPTIONS": {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
        # In memory, threads meet "table is locked": tests use a file too.
        "TEST": {"NAME": str(DATA_DIR / f"test-{os.getpid()}.sqlite3")},
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Accounts: people are invited, nobody signs up; one-time code by e-mail, or a password.
AUTH_USER_MODEL = "members.Person"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "today"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "members.accounts.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "members.forms.accounts.PasswordLoginForm",
    "request_login_code": "members.forms.accounts.RequestCodeForm",
    "confirm_login_code": "members.forms.accounts.ConfirmCodeForm",
    "reset_password": "members.forms.accounts.ForgottenPasswordForm",
    "reset_password_from_key": "members.forms.accounts.NewPasswordForm",
    "set_password": "members.forms.accounts.SetPasswordForm",
    "change_password": "members.forms.accounts.ChangePasswordForm",
    "reauthenticate": "members.forms.accounts.ProveByPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
# Nobody signs up; allauth reads here that a password is a way to sign in.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Who a person is stands in Person.email alone: allauth's own table of addresses stays empty,
# because it would let somebody in by an address that has been corrected since. Its token for a
# new password fills that table; Django's doesn't.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PASSWORD_INPUT_RENDER_VALUE = False
# Tries per hour by address typed and by where they come from. A whole meeting may sign in
# from one hall, so the second is the wider one.
ACCOUNT_RATE_LIMITS = {
    "login": "60/h/ip",
    "login_failed": "30/h/ip,10/h/key",
    "request_login_code": "60/h/ip,10/h/key",
    "reset_password": "20/h/ip,5/h/key",
    # Signing up to an open event mails an address that anybody can type.
    "sign_up": "40/h/ip,5/h/key",
    # So do an ended link and a rep who offers a seat.
    "link_again": "20/h/ip",
    "offer_seat": "10/d/user",
    # The number of a claim and its code, typed by somebody who isn't signed in.
    "claim_code": "60/h/ip,20/h/key",
    "prove_by_code": "10/h/user",
    "reauthenticate": "10/h/user",
}
# How many proxies stand before the portal. Without any, no X-Forwarded header is believed.
PROXIES = int(os.environ.get("COPROD_PROXIES", "0"))
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES

# The second step of signing in: an app's codes, a passkey, or a recovery code.
MFA_ADAPTER = "members.second_step.SecondStepAdapter"
MFA_FORMS = {
    "authenticate": "members.forms.signing_in.SecondStepForm",
    "reauthenticate": "members.forms.signing_in.ProveByAppForm",
    "activate_totp": "members.forms.signing_in.SetUpAppForm",
    "deactivate_totp": "members.forms.signing_in.RemoveAppForm",
    "generate_recovery_codes": "members.forms.signing_in.NewRecoveryCodesForm",
    "add_webauthn": "members.forms.signing_in.AddPasskeyForm",
    "edit_webauthn": "members.forms.signing_in.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A code is taken for half a minute before and after its own, and once (see the form).
MFA_TOTP_TOLERANCE = 1
MFA_RECOVERY_CODES_SHOW_ONCE = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "coprod.views.csrf_failure"

# What looks at each receipt before anybody is handed it, such as "clamdscan --fdpass": see
# expenses/scanning.py. Without it they are only rewritten.
COPROD_SCANNER = os.environ.get("COPROD_SCANNER", "")

# Headers. No inline style or script anywhere, so no nonce either.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if HTTPS:
    # Anybody can send this header: it counts only where a proxy of ours writes it. Without
    # one nothing tells us what came by https, and sending on would go round for ever.
    if PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        SECURE_SSL_REDIRECT = True
    # Asked from beside the server, without the proxy.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
# A page of minutes is long text; 10 MB pastes are refused at the door.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
# Small files stay in memory, others go to disk, up to what anybody here may send.
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "coprod.uploads.ToDiskWithinReason",
]

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = TESTING or DEBUG
WHITENOISE_AUTOREFRESH = TESTING or DEBUG
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        # Private, whatever the umask: served by a permission check and in no other way.
        "OPTIONS": {
            "location": DATA_DIR / "files",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING or DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}


_OWN = ("coprod", "members", "meetings", "projects", "expenses")


def _build() -> str:
    """What the stored public pages were made with: they are made anew when a template,
    style or script changed (see coprod/pages.py)."""
    digest = hashlib.sha256()
    for folder in ("templates", "static", *_OWN):
        for path in sorted((BASE_DIR / folder).rglob("*.*")):
            if path.suffix not in {".pyc", ".woff2"}:
                stat = path.stat()
                digest.update(f"{path.name}{stat.st_size}{stat.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


BUILD = os.environ.get("COPROD_BUILD") or _build()

REDIS_URL = os.environ.get("REDIS_URL", "")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "coprod.cache.RedisOrOwnMemory",
            "LOCATION": REDIS_URL,
            # A Redis that is away is noticed at once, not when a page has given up.
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Pieces of pages that each process keeps until something changes. Apart from the counted tries:
# whoever asks for many pages must not push those out.
CACHES["pieces"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "pieces",
    "OPTIONS": {"MAX_ENTRIES": 100},
}

# E-mail: smtp://user:password@host:port (smtps:// for TLS). Without it, mail stays in a folder.
MAIL_FOLDER = DATA_DIR / "mail"
EMAIL_TIMEOUT = 15
# Seconds after which a message claimed by a worker that died is taken by another.
OUTBOX_LEASE = int(os.environ.get("COPROD_LEASE", "120"))
if EMAIL_URL:
    _mail = urlsplit(EMAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_SSL = _mail.scheme == "smtps"
    EMAIL_USE_TLS = "starttls" in _mail.query
else:
    EMAIL_BACKEND = "coprod.mail.FolderBackend"
DEFAULT_FROM_EMAIL = os.environ.get("COPROD_FROM", "forum@localhost")

# Text messages: nothing (no such channel), folder: (kept beside the mail), or the web address of a
# provider that takes JSON, with its key before the @: https://KEY@provider.example/messages
TEXT_URL = os.environ.get("TEXT_URL", "folder:" if COPROD_DEMO else "")
TEXT_FROM = os.environ.get("COPROD_TEXT_FROM", "")
TEXT_TIMEOUT = 15
# Where mail that came back is read: maildir:/path, or imaps://user:password@host/INBOX
BOUNCE_URL = os.environ.get("BOUNCE_URL", "")

# Background work. The broker is only a bell; rows in the database are the truth.
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "visibility_timeout": 3600,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }
else:
    _queue = DATA_DIR / "queue"
    for _name in ("messages", "control"):
        (_queue / _name).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "filesystem://localhost//"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 2

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "filters": {"hide links": {"()": "coprod.logs.HideLinks"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["hide links"],
        }
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        # Addresses can hold a link's token: what was not found is nobody's to read in a log.
        "django.request": {"level": "ERROR"},
        # Only where somebody develops: it has a handler of its own.
        "django.server": {"filters": ["hide links"]},
    },
}
if TESTING:
    CELERY_BROKER_URL = "memory://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {}
