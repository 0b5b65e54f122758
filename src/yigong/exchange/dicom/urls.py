"""Addresses of the archive's pages."""

from django.urls import path

from yigong.exchange.dicom import views

app_name = "dicom"
urlpatterns = [
    path("studies/", views.studies, name="studies"),
    path("studies/<uuid:study_id>/", views.study, name="study"),
    path("studies/<uuid:study_id>/thumbnail/", views.thumbnail, name="thumbnail"),
    path("studies/<uuid:study_id>/<uuid:series_id>/thumbnail/", views.thumbnail, name="series_thumbnail"),
    path("studies/<uuid:study_id>/<uuid:series_id>/<int:number>/", views.picture, name="picture"),
    path("studies/<uuid:study_id>/match/", views.match, name="match"),
    path("studies/<uuid:study_id>/detach/", views.detach, name="detach"),
    path("unmatched/", views.unmatched, name="unmatched"),
    path("orders/", views.pick_order, name="pick_order"),
    path("nodes/", views.nodes, name="nodes"),
    path("nodes/new/", views.node, name="node_new"),
    path("nodes/<uuid:node_id>/", views.node, name="node"),
    path("nodes/<uuid:node_id>/echo/", views.echo, name="echo"),
    path("institutions/", views.pick_institution, name="pick_institution"),
    path("upload/", views.upload, name="upload"),
    path("upload/file/", views.upload_one, name="upload_one"),
]
