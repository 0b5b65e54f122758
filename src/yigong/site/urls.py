"""Every app's own addresses under its own prefix; an app without pages is not listed."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path

from yigong.site.health import alive, health

# console owns "/", so it comes last.
_PREFIXES = {"yigong.core.ui": "ui/", "yigong.console": ""}


def _prefix(app: str) -> str:
    return _PREFIXES.get(app, app.rsplit(".", 1)[1] + "/")


_apps = [app for app in settings.INSTALLED_APPS if app.startswith("yigong.") and find_spec(app + ".urls")]
urlpatterns = [
    path("health/", health, name="health"),
    path("alive/", alive, name="alive"),
    path("dicomweb/", include("yigong.exchange.dicom.web.urls")),
    path("ohif/", include("yigong.exchange.dicom.web.viewer")),
    *(path(_prefix(app), include(app + ".urls")) for app in sorted(_apps, key=_prefix, reverse=True)),
]
handler400 = "yigong.core.ui.errors.bad_request"
handler403 = "yigong.core.ui.errors.forbidden"
handler404 = "yigong.core.ui.errors.not_found"
handler500 = "yigong.core.ui.errors.server_error"
