"""Matching outside of the platform: the rules of residents are read without its settings and without a database."""

import os

from django.conf import settings


def settle() -> None:
    """Give Django's texts the little they ask for when no settings are named."""
    if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
        settings.configure(USE_I18N=False, USE_TZ=True)
