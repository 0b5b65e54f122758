"""Addresses of the village day."""

from django.urls import path

from yigong.villageday.views import app, day, managing

app_name = "villageday"
urlpatterns = [
    path("", day.today, name="day"),
    path("stop/<uuid:key>/", day.stop, name="stop"),
    path("app/", app.shell, name="app"),
    path("app/manifest.json", app.manifest, name="manifest"),
    path("app/worker.js", app.worker, name="worker"),
    path("app/token/", app.token, name="token"),
    path("app/take/", app.take, name="take"),
    path("app/send/<uuid:bundle_id>/", app.send, name="send"),
    path("bundles/", managing.bundles, name="bundles"),
    path("bundles/<uuid:bundle_id>/revoke/", managing.revoke, name="revoke"),
    path("reviews/", managing.reviews, name="reviews"),
    path("reviews/<uuid:entry_id>/", managing.review, name="review"),
    path("reviews/<uuid:entry_id>/<str:action>/", managing.decide, name="decide"),
]
