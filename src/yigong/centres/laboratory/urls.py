"""Addresses of the laboratory centre."""

from django.urls import path

from yigong.centres.laboratory.views import boxes, figures, quality, results, tubes

app_name = "laboratory"

urlpatterns = [
    path("tubes/", tubes.tube_list, name="tubes"),
    path("tubes/find/", tubes.find, name="find"),
    path("tubes/<uuid:tube_id>/", tubes.tube, name="tube"),
    path("receive/", tubes.receive, name="receive"),
    path("storage/", tubes.storage, name="storage"),
    path("outside/", tubes.outside, name="outside"),
    path("boxes/", boxes.box_list, name="boxes"),
    path("boxes/<uuid:box_id>/", boxes.box, name="box"),
    path("quality/", quality.overview, name="quality"),
    path("quality/lots/new/", quality.lot, name="lot"),
    path("quality/<uuid:target_id>/", quality.control, name="control"),
    path("turnaround/", figures.turnaround, name="turnaround"),
    path("turnaround/rows/", figures.rows, name="rows"),
    path("<uuid:order_id>/labels/", tubes.labels, name="labels"),
    path("<uuid:order_id>/report/", results.page, name="report"),
]
