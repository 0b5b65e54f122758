"""Addresses of the benefit plans."""

from django.urls import path

from yigong.insurance.benefits import views

app_name = "benefits"
urlpatterns = [
    path("", views.plan_list, name="list"),
    path("compare/", views.compare, name="compare"),
    path("<slug:code>/<str:version>/", views.detail, name="detail"),
]
