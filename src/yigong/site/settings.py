"""Django settings. The environment gives secrets, addresses and switches; nothing else is read from it.

County choices are data (packs), not settings.
"""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

PROJECT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("YIGONG_DATA", PROJECT / ".yigong" / "data"))
PRODUCTION = os.environ.get("YIGONG_MODE", "demo") == "production"
TESTING = os.environ.get("YIGONG_MODE") == "test"

SECRET_KEY = os.environ.get("YIGONG_SECRET", "")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "缺少 YIGONG_SECRET：请设为至少 50 个随机字符后再启动（./yigong run 会自动生成并保存）。"
    )
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("YIGONG_SECRET 太短：生产环境需要至少 50 个随机字符。")

# While the secret is rotated: former ones, still valid for what they sealed and signed (docs/how-to/production.md).
SECRET_KEY_FALLBACKS = [former for former in os.environ.get("YIGONG_SECRET_OLD", "").split(",") if former]

DEBUG = False
ALLOWED_HOSTS = os.environ.get("YIGONG_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
if not PRODUCTION:
    ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("YIGONG_ORIGINS", "").split(",") if o]


def database_from_url(url: str) -> dict:
    """A Django database entry from ``postgresql://user:password@host:port/name``; host may be a socket folder."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured("DATABASE_URL 只支持 postgresql://…，本平台不使用其他数据库。")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(query.get("port", parts.port or "")),
        # After a server restart an unchecked connection fails once per worker.
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # core.statements are prepared at the third run; a pooler that cannot keep them needs ?prepare=no in the address.
        "OPTIONS": {"prepare_threshold": None if query.get("prepare") == "no" else 2},
        "TEST": {"NAME": os.environ.get("YIGONG_TEST_DB", "test_yigong")},
    }


DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL", "postgresql:///yigong"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = os.environ.get("YIGONG_UPLOAD_TMP") or None

# DICOM callers that no node is registered for: their studies wait for a person, or they are refused at the door.
DICOM_UNKNOWN_CALLERS = os.environ.get("YIGONG_DICOM_UNKNOWN", "refuse" if PRODUCTION else "quarantine")

# The insurance platform: without an address the county's own engine decides alone.
NHSA_ADDRESS = os.environ.get("YIGONG_NHSA_ADDRESS", "")
NHSA_KEY = os.environ.get("YIGONG_NHSA_KEY", "" if PRODUCTION else "demo-key")
NHSA_SIMULATED = os.environ.get("YIGONG_NHSA_SIMULATED") == "1" and not PRODUCTION
if NHSA_ADDRESS and not NHSA_KEY:
    raise ImproperlyConfigured("配置了医保平台地址 YIGONG_NHSA_ADDRESS，但没有签名密钥 YIGONG_NHSA_KEY。")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "pgtrigger",
    "procrastinate.contrib.django",
    "yigong.core.states",
    "yigong.core.events",
    "yigong.core.numbers",
    "yigong.core.packs",
    "yigong.core.forms",
    "yigong.core.ledger",
    "yigong.core.audit",
    "yigong.core.jobs",
    "yigong.core.printing",
    "yigong.core.pictures",
    "yigong.core.ui",
    "yigong.network",
    "yigong.access",
    "yigong.residents",
    "yigong.residents.proxies",
    "yigong.residents.cards",
    "yigong.records",
    "yigong.tasks",
    "yigong.whereabouts",
    "yigong.logistics",
    "yigong.orders",
    "yigong.centres.imaging",
    "yigong.centres.ecg",
    "yigong.centres.laboratory",
    "yigong.centres.consultation",
    "yigong.centres.pathology",
    "yigong.centres.sterile",
    "yigong.referrals",
    "yigong.centres.emergency",
    "yigong.clinic",
    "yigong.programmes",
    "yigong.contracts",
    "yigong.insurance.benefits",
    "yigong.insurance.coverage",
    "yigong.insurance.invoices",
    "yigong.insurance.settlement",
    "yigong.insurance.budget",
    "yigong.insurance.claims",
    "yigong.insurance.review",
    "yigong.insurance.assistance",
    "yigong.indicators",
    "yigong.workreport",
    "yigong.exchange.dicom",
    "yigong.exchange.nhsa",
    "yigong.exchange.hl7v2",
    "yigong.exchange.takeon",
    "yigong.villageday",
    "yigong.console",
    "yigong.demo",
]
AUTH_USER_MODEL = "access.Account"
LOGIN_URL = "access:login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yigong.core.ui.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yigong.access.middleware.ActorMiddleware",
    "yigong.core.ui.middleware.PageMiddleware",
]
CSRF_FAILURE_VIEW = "yigong.core.ui.errors.csrf_failure"
ROOT_URLCONF = "yigong.site.urls"
WSGI_APPLICATION = "yigong.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "yigong.core.ui.jinja.AppJinja2",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "yigong.core.ui.jinja.environment",
            "extensions": ["jinja2.ext.i18n", "jinja2.ext.do"],
            "context_processors": ["yigong.core.ui.jinja.page_context"],
        },
    },
]

COMPILED_TEMPLATES = DATA / "templates"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("YIGONG_STATIC", DATA / "static"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING
if TESTING:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns about a missing folder, and warnings are errors.

SESSION_ENGINE = "yigong.access.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_AGE = 12 * 3600
SESSION_SAVE_EVERY_REQUEST = False
if os.environ.get("YIGONG_BEHIND_TLS"):
    # Only behind a proxy that sets this header itself and drops it from clients.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 30 * 86400
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
