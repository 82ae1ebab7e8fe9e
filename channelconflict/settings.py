"""One settings file for every process; the environment overrides, the defaults are safe (see .env.sample)."""

import os
import sys
from pathlib import Path

from csp.constants import NONE, SELF

from channelconflict.database.config import databases
from channelconflict.keys import load_or_make_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("CHANNELCONFLICT_VAR", BASE_DIR / "var"))


def flag(name: str, default: bool) -> bool:
    """Read a yes/no environment variable: 1, true, yes and on mean yes."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


DEBUG = False
TESTING = "pytest" in sys.modules
# The demo and the tests serve plain HTTP on the loopback address; everything else is served over TLS.
PLAIN_HTTP = flag("CHANNELCONFLICT_PLAIN_HTTP", TESTING)
SECRET_KEY = os.environ.get("SECRET_KEY") or load_or_make_key(VAR_DIR / "secret_key")
# Task payloads are signed pickles: their key is not the one that signs sessions (docs/adr/0006).
TASK_KEY = os.environ.get("TASK_KEY") or SECRET_KEY + ":tasks"
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "channelconflict.apps.GroundConfig",
    "partners",
    "conflicts",
    "reviews",
    "channelconflict.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "guardian",
    "simple_history",
    "django_q",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "channelconflict.middleware.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "channelconflict.scope.ScopeMiddleware",
]

ROOT_URLCONF = "channelconflict.urls"
WSGI_APPLICATION = "channelconflict.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["django.templatetags.i18n"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reviews.navigation.navigation",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = databases(os.environ, BASE_DIR)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "channelconflict.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", "guardian.backends.ObjectPermissionBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
ANONYMOUS_USER_NAME = None  # guardian would otherwise make a user row for nobody
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

# Who is asking -> which rows the database shows: the upper rooms answer, the ground floor only asks (see scope.py).
SCOPE_OF = "partners.permissions.scope_of"
# Who is asking -> the cases whose recommendation waits for their own view (see conflicts/hidden.py).
HIDDEN_FROM = "reviews.desk.own_view.hidden_from"

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = True
SIMPLE_HISTORY_REVERT_DISABLED = True
# Users are deactivated, never deleted, and history outlives them: no constraint in the database.
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = False

Q_CLUSTER = {
    "name": "channelconflict",
    "orm": "default",
    "workers": int(os.environ.get("WORKERS", "2")),
    "queue_limit": 2,
    "bulk": 1,
    "timeout": 300,
    "retry": 700,  # > timeout x (queue_limit / workers + 1): a prefetched task is not doubled without a crash
    "max_attempts": 5,
    "save_limit": -1,
    "ack_failures": False,
    "catch_up": False,
    "poll": 0.2,
    "sync": False,
}

LANGUAGE_CODE = "en"
# What partners are told, and the portal, may be in any of these; the desk is in English.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "channelconflict" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["channelconflict.formats"]
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "files"}},
    # What partners bring as evidence: outside everything that is served, by hash (docs/evidence.md).
    "evidence": {
        "BACKEND": "channelconflict.whole_files.WholeFileStorage",
        "OPTIONS": {"location": os.environ.get("EVIDENCE_DIR", VAR_DIR / "evidence")},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come over plain HTTP
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
if flag("BEHIND_TLS_PROXY", False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The model (docs/model.md): without a key and an address the rules recommend alone. Tests set their own.
MODEL_KEY = "" if TESTING else os.environ.get("OPENAI_API_KEY", "")
MODEL_URL = "" if TESTING else os.environ.get("OPENAI_BASE_URL", "")
MODEL_NAME = os.environ.get("MODEL_NAME", "gpt-4o-mini")
MODEL_OFF = flag("MODEL_OFF", False)
MODEL_READS_TEXTS = flag("MODEL_READS_TEXTS", False)  # pasted texts leave the house as they are, names and all
MODEL_CALL_SECONDS = float(os.environ.get("MODEL_CALL_SECONDS", "20"))
MODEL_SECONDS = float(os.environ.get("MODEL_SECONDS", "45"))  # all calls of one question together
MODEL_PAUSE_SECONDS = float(os.environ.get("MODEL_PAUSE_SECONDS", "2"))  # before the one retry
MODEL_REST_SECONDS = float(os.environ.get("MODEL_REST_SECONDS", "60"))  # after three failures in a row
MODEL_CALLS_PER_CASE = int(os.environ.get("MODEL_CALLS_PER_CASE", "12"))
MODEL_CALLS_PER_DAY = int(os.environ.get("MODEL_CALLS_PER_DAY", "2000"))
MODEL_COST_PER_DAY = os.environ.get("MODEL_COST_PER_DAY", "20.00")
MODEL_COST_PER_MONTH = os.environ.get("MODEL_COST_PER_MONTH", "300.00")
MODEL_PRICE_IN = os.environ.get("MODEL_PRICE_IN", "0.15")  # of a million tokens sent
MODEL_PRICE_OUT = os.environ.get("MODEL_PRICE_OUT", "0.60")  # of a million tokens received

# Mails to partners (docs/notices.md). Without a server they are written to files, for looking at.
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://localhost:8000").rstrip("/")  # under which people reach this site
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "notices@localhost")
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_SSL = flag("EMAIL_USE_SSL", False)
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", not EMAIL_USE_SSL)
EMAIL_TIMEOUT = 15
# Webhooks: secrets are derived from this key, which is not the one that signs sessions. Changing it changes all of them.
WEBHOOK_KEY = os.environ.get("WEBHOOK_KEY") or SECRET_KEY + ":webhooks"
WEBHOOK_LOOPBACK = flag("WEBHOOK_LOOPBACK", PLAIN_HTTP)  # may lead to this machine: in the demo and in tests

# Where decided outcomes go until a program names its own targets.
FILE_TARGET_DIR = Path(os.environ.get("FILE_TARGET_DIR", VAR_DIR / "outbox"))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# Files in (docs/evidence.md). What is larger is thrown away while it comes, before anything reads it.
FILE_UPLOAD_HANDLERS = ["channelconflict.uploads.CappedUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 25
UPLOAD_MAX_BYTES = int(os.environ.get("UPLOAD_MAX_BYTES", str(10 * 1024**2)))  # of a file
UPLOAD_MAX_BYTES_OF_REQUEST = int(os.environ.get("UPLOAD_MAX_BYTES_OF_REQUEST", str(60 * 1024**2)))
EVIDENCE_FILES_OF_REGISTRATION = int(os.environ.get("EVIDENCE_FILES_OF_REGISTRATION", "20"))
EVIDENCE_BYTES_OF_PARTNER = int(os.environ.get("EVIDENCE_BYTES_OF_PARTNER", str(200 * 1024**2)))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING")},
}
