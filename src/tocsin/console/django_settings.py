"""How is Django set up? Everything an operator may change is in `runtime/settings.py`."""

from pathlib import Path
from typing import Final

from tocsin.runtime import keys
from tocsin.runtime.database import django_database
from tocsin.runtime.settings import load

SETTINGS: Final = load()

SECRET_KEY = keys.django_secret(SETTINGS.keys_dir)
DEBUG = False
ALLOWED_HOSTS = ["*"]
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
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
AUTH_USER_MODEL = "registry.Account"
DATABASES = {"default": django_database(SETTINGS)}
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
HERE: Final = Path(__file__).parent
