"""Addresses of residents."""

from django.urls import path

from yigong.residents import views

app_name = "residents"
urlpatterns = [
    path("", views.search, name="search"),
    path("options/", views.options, name="options"),
    path("new/", views.new, name="new"),
    path("near/", views.near, name="near"),
    path("<uuid:resident_id>/", views.detail, name="detail"),
    path("<uuid:resident_id>/reveal/", views.reveal, name="reveal"),
    path("<uuid:resident_id>/change/", views.change, name="change"),
    path("<uuid:resident_id>/close/", views.close, name="close"),
]
