"""All settings, grouped. Everything that differs between places comes from the environment; what is wrong there stops the start.

With nothing set this is the embedded desk: SQLite, one process, everything under `var/`. `DATABASE_URL` makes it a production desk.
What each variable means is in docs/deploy.md.
"""

import logging
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environs import Env
from marshmallow.validate import Range

from api.enum_names import ENUM_NAMES
from servicedesk import bootstrap, logs
from servicedesk.schedule import SCHEDULE

env = Env()

# -- Where we are ------------------------------------------------------------------------------------------------------
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", "") or BASE_DIR / "var")
VAR_DIR.mkdir(parents=True, exist_ok=True)

DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
EMBEDDED = not DATABASE_URL
DEBUG = env.bool("DEBUG", False)
DEMO_MODE = env.bool("DEMO_MODE", False)

# -- Secrets and hosts -------------------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", "")
if not SECRET_KEY and not EMBEDDED:
    raise ImproperlyConfigured("DATABASE_URL is set, so this is production: set SECRET_KEY too (50 random characters).")
SECRET_KEY = SECRET_KEY or bootstrap.own_secret_key(VAR_DIR / "secret_key")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])

HTTPS = env.bool("HTTPS", False)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, validate=Range(min=0, max=10))
SITE_URL = env.str("SITE_URL", f"http://127.0.0.1:{env.int('PORT', 8000)}").rstrip("/")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", bootstrap.hosts_for(SITE_URL))
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [SITE_URL])

# -- Applications ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # Ours, in the order in which they may import each other: servicedesk last.
    "core.apps.CoreConfig",
    "accounts.apps.AccountsConfig",
    "customers.apps.CustomersConfig",
    "tickets.apps.TicketsConfig",
    "sla.apps.SlaConfig",
    "escalation.apps.EscalationConfig",
    "improvements.apps.ImprovementsConfig",
    "surveys.apps.SurveysConfig",
    "channels.apps.ChannelsConfig",
    "portal.apps.PortalConfig",
    "console.apps.ConsoleConfig",
    "api.apps.ApiConfig",
    "servicedesk.apps.ServiceDeskConfig",
    # The console's dress comes before the admin that it dresses.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "console.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "heroicons",
    "knox",
    "rest_framework",
]

MIDDLEWARE = [
    "servicedesk.health.HealthChecks",
    "servicedesk.middleware.OutageNotice",
    "django.middleware.security.SecurityMiddleware",
    "servicedesk.csp.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "servicedesk.middleware.SessionLimits",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "servicedesk.middleware.PrivatePages",
    "servicedesk.middleware.ViewerZone",
    "servicedesk.logs.RequestLog",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "servicedesk.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REACTIONS = "servicedesk.reactions"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["core.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# -- Data --------------------------------------------------------------------------------------------------------------
DATABASES = {
    "default": bootstrap.database(
        DATABASE_URL,
        VAR_DIR,
        pool_size=env.int("DATABASE_POOL_SIZE", 10, validate=Range(min=1)),
        pool_timeout=env.int("DATABASE_POOL_TIMEOUT", 5, validate=Range(min=1)),
        statement_timeout=env.int("DATABASE_STATEMENT_TIMEOUT", 30, validate=Range(min=0)),
    )
}

# Without Redis the cache lives in the process: right for the one process of the embedded desk, whose sign-in limits it counts.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "servicedesk",
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# -- Files -------------------------------------------------------------------------------------------------------------
# Attachments have no URL: a view hands them out after asking who wants them.
MEDIA_ROOT = env.path("MEDIA_ROOT", VAR_DIR / "attachments")
MAIL_DIR = env.path("MAIL_DIR", VAR_DIR / "mail")
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", VAR_DIR / "static")
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_COLLECTED = (STATIC_ROOT / "staticfiles.json").is_file()
WHITENOISE_USE_FINDERS = not STATIC_COLLECTED
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES: dict[str, dict[str, Any]] = {
    "default": bootstrap.attachment_storage(env, MEDIA_ROOT),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_COLLECTED or env.bool("STATIC_MANIFEST", False)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
ATTACHMENT_MAX_BYTES = 25 * 1024 * 1024
ATTACHMENT_MAX_FILES = 10
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# Twice as many reach the form, which can then say that there are too many and keep the text.
DATA_UPLOAD_MAX_NUMBER_FILES = 2 * ATTACHMENT_MAX_FILES
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# -- Language and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "es-mx"
LANGUAGES = [("es-mx", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["servicedesk.formats"]
TIME_ZONE = "America/Mexico_City"
USE_I18N = True
USE_TZ = True

# -- Sign-in -----------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/entrar/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/entrar/"

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
# The desk itself enters each address, so there is nothing for its owner to prove.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/m/ip,5/5m/key",
    "reset_password": "10/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    # The buttons of the pages that mails lead to (portal.limits).
    "signed_link": "120/m/ip,20/m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_FORMS = {
    "change_password": "portal.forms.account.ChangePassword",
    "set_password": "portal.forms.account.SetPassword",
    "reset_password": "portal.forms.account.ForgottenPassword",
    "reset_password_from_key": "portal.forms.account.NewPassword",
    "reauthenticate": "portal.forms.account.ConfirmIdentity",
}
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Mesa de Servicio"
MFA_TOTP_TOLERANCE = 1

# -- Sessions, cookies and headers -------------------------------------------------------------------------------------
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_MINUTES", 120, validate=Range(min=1)) * 60
SESSION_COOKIE_AGE = env.int("SESSION_ABSOLUTE_HOURS", 12, validate=Range(min=1)) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "sd_session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "sd_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
# Alpine, which the console's theme is built on, evaluates expressions and sets styles. Nothing else gets this policy.
CONSOLE_CSP: dict[str, Any] = {
    **CONTENT_SECURITY_POLICY["DIRECTIVES"],
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
}

# -- Console -----------------------------------------------------------------------------------------------------------
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Mesa de Servicio",
    "SITE_HEADER": "Mesa de Servicio",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "console.dress.favicon"}],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": True,
    "BORDER_RADIUS": "8px",
    "STYLES": ["console.dress.tokens", "console.dress.parts", "console.dress.own"],
    "SCRIPTS": ["console.dress.first_error"],
    "COLORS": {
        "base": "console.dress.base",
        "primary": "console.dress.primary",
    },
    "ACCOUNT": {"navigation": "console.dress.account"},
    "SIDEBAR": {"show_search": True, "command_search": False, "navigation": "console.sidebar.navigation"},
}

# -- API ---------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "api.scopes.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.PerKey"],
    "DEFAULT_RENDERER_CLASSES": ["api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["api.renderers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.handle",
    "URL_FORMAT_OVERRIDE": None,
}
KNOX_TOKEN_MODEL = "api.ApiToken"
# Knox's migrations would make a table for its own model, which ours stands in for.
MIGRATION_MODULES: dict[str, str | None] = {"knox": None}
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 600, validate=Range(min=1))
API_LINK_SECONDS = 300
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Mesa de Servicio",
    "DESCRIPTION": "La API de la Mesa de Servicio, para integradores. Los errores son application/problem+json.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "api.v1.docs.add_problems",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# -- Jobs --------------------------------------------------------------------------------------------------------------
# A task carries ids and wakes a reader of rows. Time limits stay below the visibility timeout, so no task runs twice at once.
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {
        "visibility_timeout": 300,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
        "socket_keepalive": True,
        # Waking a worker is a courtesy: with Redis away, a request must not wait for it.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
    }
    if REDIS_URL
    else {"polling_interval": 0.02}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 150
CELERY_TASK_DEFAULT_QUEUE = "servicedesk"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", 2, validate=Range(min=1))
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_SCHEDULE = SCHEDULE
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_TIMEZONE = "UTC"

# -- Mail --------------------------------------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Mesa de Servicio <mesa@demo.example>")
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "channels.transports.files.EmailBackend"
# Where answers are read, as mesa@example.com (plus addressing): mails then bear a signed Reply-To per ticket. Empty: they are not read.
MAIL_REPLY_ADDRESS = env.str("MAIL_REPLY_ADDRESS", "")
MAIL_PER_MINUTE = env.int("MAIL_PER_MINUTE", 600, validate=Range(min=1))
if EMAIL_URL:
    globals().update(bootstrap.smtp(env))

# -- Logs --------------------------------------------------------------------------------------------------------------
LOG_FORMAT = env.str("LOG_FORMAT", "console" if EMBEDDED else "json")
LOG_LEVEL = env.log_level("LOG_LEVEL", logging.WARNING if EMBEDDED else logging.INFO)
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logs.configure(LOG_FORMAT, LOG_LEVEL)
# Requests are logged without their bodies, query strings or long path segments (which may be tokens).
DJANGO_STRUCTLOG_CELERY_ENABLED = False
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
