"""Addresses under /consultation/."""

from django.urls import path

from yigong.centres.consultation.views import arranging, asking, figures, opining, pages

app_name = "consultation"
urlpatterns = [
    path("", pages.mine, name="mine"),
    path("desk/", arranging.desk, name="desk"),
    path("experts/", arranging.experts, name="experts"),
    path("figures/", figures.overview, name="figures"),
    path("figures/rows/", figures.rows, name="rows"),
    path("new/<uuid:resident_id>/", asking.new, name="new"),
    path("<uuid:order_id>/", pages.detail, name="detail"),
    path("<uuid:order_id>/act/", pages.act, name="act"),
    path("<uuid:order_id>/file/", pages.file, name="file"),
    path("<uuid:order_id>/records/", asking.add, name="records"),
    path("<uuid:order_id>/invite/", arranging.invite, name="invite"),
    path("<uuid:order_id>/begin/", arranging.begin, name="begin"),
    path("<uuid:order_id>/replace/<uuid:invitation_id>/", arranging.replace, name="replace"),
    path("<uuid:order_id>/opinion/", opining.opinion, name="opinion"),
    path("<uuid:order_id>/conclude/", opining.conclude, name="conclude"),
    path("<uuid:order_id>/evaluate/", asking.evaluate, name="evaluate"),
    path("<uuid:order_id>/print/", pages.print_sheet, name="print"),
]
