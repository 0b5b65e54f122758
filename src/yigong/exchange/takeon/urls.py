"""Addresses under /takeon/."""

from django.urls import path

from yigong.exchange.takeon import views

app_name = "takeon"
urlpatterns = [
    path("", views.layouts, name="layouts"),
    path("imports/<uuid:import_id>/", views.imported, name="imported"),
    path("imports/<uuid:import_id>/columns/", views.columns, name="columns"),
    path("imports/<uuid:import_id>/run/", views.run, name="run"),
    path("imports/<uuid:import_id>/discard/", views.discard, name="discard"),
    path("imports/<uuid:import_id>/result/", views.result, name="result"),
    path("<slug:code>/", views.upload, name="upload"),
    path("<slug:code>/template/", views.template, name="template"),
]
