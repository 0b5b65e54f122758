"""Addresses of the settlement lists and the coding desk."""

from django.urls import path

from yigong.insurance.claims.views import desk, lists, questions, schemes

app_name = "claims"
urlpatterns = [
    path("", lists.index, name="list"),
    path("month/", lists.month, name="month"),
    path("messages/", lists.messages, name="messages"),
    path("desk/<uuid:stay_id>/", desk.page, name="desk"),
    path("desk/<uuid:stay_id>/group/", desk.part, name="desk_part"),
    path("desk/<uuid:stay_id>/ask/", desk.ask, name="ask"),
    path("questions/", questions.index, name="questions"),
    path("questions/<uuid:question_id>/", questions.one, name="question"),
    path("questions/<uuid:question_id>/withdraw/", questions.withdraw, name="withdraw_question"),
    path("schemes/", schemes.index, name="schemes"),
    path("schemes/import/", schemes.upload, name="import"),
    path("schemes/end/<uuid:line_id>/", schemes.end, name="end_scheme"),
    path("schemes/compare/", schemes.compare, name="compare"),
    path("schemes/compare/<uuid:comparison_id>/", schemes.comparison, name="comparison"),
    path("schemes/compare/<uuid:comparison_id>/file/", schemes.comparison_file, name="comparison_file"),
    path("schemes/<uuid:scheme_id>/", schemes.detail, name="scheme"),
    path("<uuid:list_id>/", lists.detail, name="detail"),
    path("<uuid:list_id>/fields/", lists.own_fields, name="own"),
    path("<uuid:list_id>/print/", lists.print_list, name="print"),
    path("<uuid:list_id>/<slug:action>/", lists.act, name="act"),
]
