"""Addresses of proxies."""

from django.urls import path

from yigong.residents.proxies import views

app_name = "proxies"
urlpatterns = [
    path("<uuid:resident_id>/", views.of, name="of"),
    path("<uuid:resident_id>/new/", views.grant, name="grant"),
    path("withdraw/<uuid:proxy_id>/", views.withdraw, name="withdraw"),
]
