"""Addresses of residents."""

from django.urls import path

from yigong.residents.views import desk, links
from yigong.residents.views import people as views

app_name = "residents"
urlpatterns = [
    path("", views.search, name="search"),
    path("options/", views.options, name="options"),
    path("new/", views.new, name="new"),
    path("near/", views.near, name="near"),
    path("desk/", desk.desk, name="desk"),
    path("desk/search/", desk.search_all, name="search_all"),
    path("desk/batch/", desk.batch, name="batch"),
    path("desk/<uuid:pair_id>/", desk.pair, name="pair"),
    path("operations/", links.history, name="operations"),
    path("operations/<uuid:operation_id>/", links.operation, name="operation"),
    path("records/<uuid:record_id>/link/", links.link, name="link"),
    path("<uuid:resident_id>/index/", links.index, name="index"),
    path("<uuid:resident_id>/merge/", links.merge, name="merge"),
    path("<uuid:resident_id>/split/", links.split, name="split"),
    path("<uuid:resident_id>/", views.detail, name="detail"),
    path("<uuid:resident_id>/reveal/", views.reveal, name="reveal"),
    path("<uuid:resident_id>/change/", views.change, name="change"),
    path("<uuid:resident_id>/close/", views.close, name="close"),
]
