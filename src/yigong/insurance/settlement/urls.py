"""Addresses under /settlement/."""

from django.urls import path

from yigong.insurance.settlement.views import counter, desk, receipts, splitting

app_name = "settlement"
urlpatterns = [
    path("", counter.waiting, name="counter"),
    path("bills/<uuid:bill_id>/", counter.pay, name="pay"),
    path("bills/<uuid:bill_id>/split/", splitting.split, name="split"),
    path("bills/<uuid:bill_id>/give-back/", counter.give_back, name="give_back"),
    path("list/", receipts.settlements, name="settlements"),
    path("deposits/", desk.deposits, name="deposits"),
    path("closing/", desk.closing, name="closing"),
    path("closing/<uuid:closing_id>/print/", desk.print_closing, name="print_closing"),
    path("differences/", desk.differences, name="differences"),
    path("differences/<uuid:difference_id>/", desk.difference, name="difference"),
    path("months/", desk.months, name="months"),
    path("residents/<uuid:resident_id>/", receipts.of_resident, name="resident"),
    path("<uuid:settlement_id>/", receipts.detail, name="detail"),
    path("<uuid:settlement_id>/print/", receipts.print_bill, name="print"),
    path("<uuid:settlement_id>/return/", receipts.return_part, name="return"),
    path("<uuid:settlement_id>/<slug:action>/", receipts.act, name="act"),
]
