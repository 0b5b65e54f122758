"""Addresses under /clinic/."""

from django.urls import path

from yigong.clinic.views import common, consult, desk, front_page, ward

app_name = "clinic"
urlpatterns = [
    path("items/", common.items, name="items"),
    path("desk/", desk.desk, name="desk"),
    path("desk/verdict/", desk.verdict, name="verdict"),
    path("sessions/", desk.session_page, name="sessions"),
    path("sessions/<uuid:session_id>/stop/", desk.stop, name="stop_session"),
    path("queue/", consult.queue, name="queue"),
    path("queue/next/", consult.call_next, name="call_next"),
    path("visits/<uuid:visit_id>/", consult.visit, name="visit"),
    path("visits/<uuid:visit_id>/line/", consult.add_line, name="add_line"),
    path("visits/<uuid:visit_id>/cancel/", desk.cancel, name="cancel_visit"),
    path("visits/<uuid:visit_id>/slip/", desk.slip, name="slip"),
    *(
        path(f"visits/<uuid:visit_id>/{action}/", consult.step, {"action": action}, name=action)
        for action in ("call", "skip", "begin")
    ),
    path("bills/<uuid:bill_id>/lines/<uuid:line_id>/strike/", consult.strike, name="strike"),
    path("residents/<uuid:resident_id>/charge/", consult.charge_afterwards, name="charge_afterwards"),
    path("ward/", ward.ward, name="ward"),
    path("ward/charge/", ward.charge_ward, name="charge_ward"),
    path("ward/admit/", ward.admit, name="admit"),
    path("ward/beds/", ward.beds, name="beds"),
    path("stays/<uuid:stay_id>/", ward.stay, name="stay"),
    path("stays/<uuid:stay_id>/line/", ward.stay_line, name="stay_line"),
    path("stays/<uuid:stay_id>/nursing/", ward.nursing, name="nursing"),
    path("stays/<uuid:stay_id>/transfer/", ward.transfer, name="transfer"),
    path("stays/<uuid:stay_id>/order-discharge/", ward.order_discharge, name="order_discharge"),
    path("stays/<uuid:stay_id>/keep/", ward.keep, name="keep"),
    path("stays/<uuid:stay_id>/cancel/", ward.cancel, name="cancel_stay"),
    path("stays/<uuid:stay_id>/discharge/", ward.discharge, name="discharge"),
    path("stays/<uuid:stay_id>/front-page/", front_page.front_page, name="front_page"),
    *(
        path(
            f"stays/<uuid:stay_id>/front-page/{action}/",
            front_page.back,
            {"action": action},
            name=f"{action}_front_page",
        )
        for action in ("return", "reopen")
    ),
    path("front-pages/", front_page.front_pages, name="front_pages"),
]
