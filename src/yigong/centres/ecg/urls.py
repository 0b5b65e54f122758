"""Addresses of the ECG centre."""

from django.urls import path

from yigong.centres.ecg import views

app_name = "ecg"
urlpatterns = [
    path("<uuid:order_id>/record/", views.record, name="record"),
    path("<uuid:order_id>/trace/", views.trace, name="trace"),
    path("<uuid:order_id>/print/", views.print_trace, name="print"),
    path("<uuid:order_id>/<uuid:recording_id>/trace.svg", views.picture, name="picture"),
    path("<uuid:order_id>/<uuid:recording_id>/original/", views.original, name="original"),
    path("upload/", views.upload, name="upload"),
    path("unmatched/", views.unmatched, name="unmatched"),
    path("unmatched/orders/", views.pick_order, name="pick_order"),
    path("unmatched/<uuid:recording_id>/", views.match, name="match"),
    path("unmatched/<uuid:recording_id>/discard/", views.discard, name="discard"),
]
