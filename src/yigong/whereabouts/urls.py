"""Addresses of whereabouts."""

from django.urls import path

from yigong.whereabouts import views

app_name = "whereabouts"
urlpatterns = [
    path("token/", views.token, name="token"),
    path("<slug:kind>/<uuid:subject>/switch/", views.switch, name="switch"),
    path("<slug:kind>/<uuid:subject>/report/", views.report, name="report"),
]
