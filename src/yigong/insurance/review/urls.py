"""Addresses of the risk checks."""

from django.urls import path

from yigong.insurance.review import views

app_name = "review"
urlpatterns = [
    path("", views.index, name="list"),
    path("statistics/", views.statistics, name="statistics"),
    path("run/", views.run, name="run"),
    path("file/<uuid:attachment_id>/", views.attachment, name="attachment"),
    path("<uuid:suspicion_id>/", views.detail, name="detail"),
    path("<uuid:suspicion_id>/<slug:action>/", views.act, name="act"),
]
