"""Addresses of residents."""

from django.urls import path

from yigong.residents.views import desk, households, links
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
    path("desk/statistics/", desk.statistics, name="desk_statistics"),
    path("desk/estimates/", desk.estimates, name="desk_estimates"),
    path("desk/estimates/file/", desk.proposed, name="desk_proposed"),
    path("desk/<uuid:pair_id>/", desk.pair, name="pair"),
    path("desk/<uuid:pair_id>/group/", desk.group, name="group"),
    path("operations/", links.history, name="operations"),
    path("operations/<uuid:operation_id>/", links.operation, name="operation"),
    path("records/<uuid:record_id>/link/", links.link, name="link"),
    path("households/", households.households, name="households"),
    path("households/options/", households.household_options, name="household_options"),
    path("households/villages/", households.place_options, name="place_options"),
    path("households/places/", households.places, name="places"),
    path("households/<uuid:household_id>/", households.household, name="household"),
    path("households/<uuid:household_id>/<slug:action>/", households.change, name="household_change"),
    path("<uuid:resident_id>/household/<slug:action>/", households.member, name="household_member"),
    path("<uuid:resident_id>/index/", links.index, name="index"),
    path("<uuid:resident_id>/merge/", links.merge, name="merge"),
    path("<uuid:resident_id>/split/", links.split, name="split"),
    path("<uuid:resident_id>/", views.detail, name="detail"),
    path("<uuid:resident_id>/reveal/", views.reveal, name="reveal"),
    path("<uuid:resident_id>/change/", views.change, name="change"),
    path("<uuid:resident_id>/close/", views.close, name="close"),
]
