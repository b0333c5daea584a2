"""How is Django set up? Everything an operator may change is in `runtime/settings.py`.

The names here hold for every installation; `configure` adds what one installation has of its own (keys,
database, address) and makes Django ready. There is no settings file to edit and no variable to export.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import django
from django.conf import settings as django_conf

from tocsin.runtime import keys
from tocsin.runtime.database import django_database
from tocsin.runtime.settings import Settings

HERE: Final = Path(__file__).parent

DEBUG = False
ROOT_URLCONF = "tocsin.console.urls"
WSGI_APPLICATION = None
INSTALLED_APPS = [
    "tocsin.record",
    "tocsin.registry",
    "tocsin.signals",
    "tocsin.decisions",
    "tocsin.notifications",
    "tocsin.console",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
]
MIDDLEWARE = [
    "tocsin.console.headers.HeadersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "tocsin.console.refusing.RefusingMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
    "tocsin.console.own_language.OwnLanguageMiddleware",
    "tocsin.console.pages.errors.TypedAddressMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
            "libraries": {"tocsin": "tocsin.console.pages.tags"},
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [HERE / "locale"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
# An upload is a roster or a list of people: a megabyte holds thousands of lines.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
FILE_UPLOAD_HANDLERS = ["tocsin.console.uploads.InMemoryOnly"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
LOGGING_CONFIG = None
# Our own checks are tests; Django's would read every template of every app at each start.
SILENCED_SYSTEM_CHECKS: list[str] = []

# --- Signing in ---------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "registry.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "board"
LOGOUT_REDIRECT_URL = "account_login"
SESSION_COOKIE_NAME = "tocsin"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
# One answer for a wrong token, an unknown page and a forbidden one.
CSRF_FAILURE_VIEW = "tocsin.console.pages.errors.refused_form"

ACCOUNT_ADAPTER = "tocsin.console.sign_in.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# By address only: a limit by login alone would let anybody who knows it lock its owner out.
ACCOUNT_RATE_LIMITS = {
    # A whole shift signs in from one address.
    "login": "240/m/ip",
    "login_failed": "60/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
MFA_ADAPTER = "tocsin.console.sign_in.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Tocsin"
USERSESSIONS_ADAPTER = "tocsin.console.sign_in.SessionsAdapter"

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "tocsin.console.sign_in.login_of"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "tocsin.console.sign_in.address_of"
AXES_LOCKOUT_CALLABLE = "tocsin.console.sign_in.locked_out"

# Tables of Django and its packages. They are the one exception to row-level security: signing in happens before any
# organisation is known, and they hold no personal field (a login, a session, a sealed TOTP secret, an address).
FRAMEWORK_TABLES: Final = (
    "django_session",
    "django_content_type",
    "auth_permission",
    "auth_group",
    "auth_group_permissions",
    "account_emailaddress",
    "account_emailconfirmation",
    "mfa_authenticator",
    "usersessions_usersession",
    "axes_accessattempt",
    "axes_accessattemptexpiration",
    "axes_accessfailurelog",
    "axes_accesslog",
)


def of_installation(settings: Settings, role: str = "web") -> dict[str, Any]:
    """Return every Django setting of this installation; `role` is the database role to work as."""
    host = urlsplit(settings.public_url).hostname or "localhost"
    is_https = settings.public_url.startswith("https:")
    fixed = {name: value for name, value in globals().items() if name.isupper()}
    return fixed | {
        "SECRET_KEY": keys.load(settings.keys_dir).django,
        "DATABASES": {"default": django_database(settings, role)},
        "ALLOWED_HOSTS": [host, "localhost", "127.0.0.1", "[::1]"],
        "CSRF_TRUSTED_ORIGINS": [settings.public_url],
        "SESSION_COOKIE_SECURE": is_https,
        "CSRF_COOKIE_SECURE": is_https,
        "TOCSIN": settings,
    }


def configure(settings: Settings, role: str = "web") -> None:
    """Make Django ready in this process, once; a second call changes nothing."""
    if not django_conf.configured:
        django_conf.configure(**of_installation(settings, role))
        django.setup()
