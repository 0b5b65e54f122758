"""Addresses of the pathology centre."""

from django.urls import path

from yigong.centres.pathology.views import bench, figures, lending, reading, sending

app_name = "pathology"

urlpatterns = [
    path("specimens/", bench.listed, name="listed"),
    path("specimens/find/", bench.find, name="find"),
    path("specimens/<uuid:specimen_id>/", bench.specimen, name="specimen"),
    path("specimens/<uuid:specimen_id>/gross/", bench.gross, name="gross"),
    path("receive/", bench.receive, name="receive"),
    path("bench/", bench.workbench, name="bench"),
    path("boxes/<uuid:box_id>/", sending.box, name="box"),
    path("loans/", lending.loans, name="loans"),
    path("loans/<uuid:loan_id>/", lending.loan, name="loan"),
    path("loans/<uuid:loan_id>/print/", lending.print_loan, name="print_loan"),
    path("pictures/<uuid:picture_id>/", reading.picture, name="picture"),
    path("figures/", figures.overview, name="figures"),
    path("figures/rows/", figures.rows, name="rows"),
    path("<uuid:order_id>/containers/", sending.containers, name="specimens"),
    path("<uuid:order_id>/labels/<slug:kind>/", sending.labels, name="labels"),
    path("<uuid:order_id>/check/", bench.check, name="check"),
    path("<uuid:order_id>/case/", reading.case, name="case"),
    path("<uuid:order_id>/lend/", lending.new, name="lend"),
]
