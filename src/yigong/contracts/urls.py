"""Addresses of contracts."""

from django.urls import path

from yigong.contracts.views import contracts, figures, public, signing, teams

app_name = "contracts"
urlpatterns = [
    path("", contracts.listing, name="list"),
    path("renewals/", contracts.renewals, name="renewals"),
    path("<uuid:contract_id>/", contracts.detail, name="detail"),
    path("<uuid:contract_id>/print/", contracts.print_contract, name="print"),
    path("<uuid:contract_id>/<str:action>/", contracts.act, name="act"),
    path("services/<uuid:service_id>/undo/", contracts.undo_service, name="undo_service"),
    path("sign/<uuid:resident_id>/", signing.sign, name="sign"),
    path("offer/<uuid:resident_id>/", signing.offer, name="offer"),
    path("household/<uuid:household_id>/", signing.household, name="household"),
    path("confirm/<str:token>/", public.confirm, name="confirm"),
    path("teams/", teams.listing, name="teams"),
    path("teams/new/", teams.new, name="team_new"),
    path("teams/options/", teams.options, name="team_options"),
    path("teams/figures/", figures.team_rates, name="team_rates"),
    path("teams/<uuid:team_id>/figures/<str:programme>/<str:rate>/", figures.team_rows, name="team_rows"),
    path("teams/<uuid:team_id>/", teams.detail, name="team"),
    path("teams/<uuid:team_id>/fee/", teams.fee, name="fee"),
    path("teams/<uuid:team_id>/<str:action>/", teams.act, name="team_act"),
    path("fee/<uuid:share_id>/undo/", teams.undo_share, name="undo_share"),
    path("staff/", teams.staff_options, name="staff_options"),
    path("places/", teams.places, name="places"),
    path("packages/", figures.packages, name="packages"),
    path("rates/", figures.rates, name="rates"),
    path("rates/<str:code>/", figures.rate_rows, name="rate_rows"),
]
