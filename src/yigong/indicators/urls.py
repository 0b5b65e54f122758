"""Addresses of the indicators."""

from django.urls import path

from yigong.indicators.views import cockpit, indicator, listing, periods

app_name = "indicators"
urlpatterns = [
    path("", cockpit.cockpit, name="cockpit"),
    path("wall/", cockpit.wall, name="wall"),
    path("overdue/", cockpit.overdue, name="overdue"),
    path("list/", listing.listing, name="list"),
    path("list/export/", listing.export, name="export"),
    path("criteria/", listing.criteria, name="criteria"),
    path("facts/", listing.fact_views, name="facts"),
    path("counts/", listing.counts, name="counts"),
    path("count/", listing.count, name="count"),
    path("periods/", periods.periods, name="periods"),
    path("periods/<uuid:period_id>/", periods.period, name="period"),
    path("periods/<uuid:period_id>/export/", periods.export, name="period_export"),
    path("periods/<uuid:period_id>/correct/<slug:code>/", periods.correct, name="correct"),
    path("periods/<uuid:period_id>/<str:action>/", periods.act, name="act"),
    path("<slug:code>/", indicator.indicator, name="indicator"),
    path("<slug:code>/export/", indicator.export, name="indicator_export"),
    path("<slug:code>/rows/<str:side>/", indicator.rows, name="rows"),
]
