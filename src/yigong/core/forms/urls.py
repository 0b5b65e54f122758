"""Addresses of forms."""

from django.urls import path

from yigong.core.forms import views

app_name = "forms"
urlpatterns = [path("<slug:code>/<str:version>/shown/", views.shown, name="shown")]
