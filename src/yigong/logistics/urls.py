"""Addresses of logistics."""

from django.urls import path

from yigong.logistics.views import board, boxes, drive, figures, taps

app_name = "logistics"
urlpatterns = [
    path("", board.board, name="board"),
    path("make/", board.make, name="make"),
    path("send/", board.send, name="send_run"),
    path("routes/", board.routes, name="routes"),
    path("routes/new/", board.route, name="new_route"),
    path("routes/<uuid:route_id>/", board.route, name="route"),
    path("rest/<slug:kind>/<uuid:key>/", board.rest, name="rest"),
    path("runs/<uuid:run_id>/", board.run, name="run"),
    path("runs/<uuid:run_id>/assign/", board.assign, name="assign"),
    path("runs/<uuid:run_id>/cancel/", board.cancel, name="cancel_run"),
    path("runs/<uuid:run_id>/print/", board.print_run, name="print_run"),
    path("drive/", drive.drive, name="drive"),
    path("drive/<uuid:run_id>/tap/", drive.tap, name="tap"),
    path("drive/<uuid:run_id>/trouble/", drive.trouble, name="trouble"),
    path("drive/worker.js", drive.worker, name="worker"),
    path("drive/token/", drive.token, name="token"),
    path("drive/send/", drive.send, name="send"),
    path("taps/", taps.listing, name="taps"),
    path("taps/<uuid:tap_id>/", taps.review, name="tap_review"),
    path("consignments/", boxes.listing, name="consignments"),
    path("consignments/new/", boxes.new, name="new_consignment"),
    path("consignments/<uuid:consignment_id>/", boxes.consignment, name="consignment"),
    path("figures/", figures.figures, name="figures"),
    path("figures/<slug:name>/", figures.rows, name="rows"),
]
