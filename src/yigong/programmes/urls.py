"""Addresses of programmes."""

from django.urls import path

from yigong.programmes.views import defining, managing, people, sites, visiting

app_name = "programmes"
urlpatterns = [
    path("", people.mine, name="mine"),
    path("candidates/", people.candidates, name="candidates"),
    path("candidates/find/", people.find, name="find"),
    path("candidates/<uuid:candidate_id>/<str:action>/", people.decide, name="decide"),
    path("person/<uuid:resident_id>/", people.person, name="person"),
    path("person/<uuid:resident_id>/due/", visiting.beside, name="beside"),
    path("person/<uuid:resident_id>/enrol/<str:code>/", people.enrol, name="enrol"),
    path("enrolment/<uuid:enrolment_id>/visit/<str:stage>/", visiting.extra, name="extra"),
    path("enrolment/<uuid:enrolment_id>/judge/<str:stage>/", visiting.judge, name="judge"),
    path("enrolment/<uuid:enrolment_id>/<str:action>/", people.act, name="act"),
    path("holds/<uuid:hold_id>/lift/", people.lift, name="lift"),
    path("due/<uuid:due_id>/", visiting.visit, name="visit"),
    path("due/<uuid:due_id>/<str:action>/", visiting.due_act, name="due"),
    path("visits/<uuid:visit_id>/", visiting.done, name="done"),
    path("visits/<uuid:visit_id>/void/", visiting.void, name="void"),
    path("visits/<uuid:visit_id>/print/", visiting.print_visit, name="print"),
    path("institutions/", people.institutions, name="institutions"),
    path("definitions/", defining.definitions, name="definitions"),
    path("definitions/<str:code>/", defining.definition, name="definition"),
    path("definitions/<str:code>/effect/", defining.preview, name="effect"),
    path("rates/", managing.rates, name="rates"),
    path("rates/<str:code>/<str:rate>/", managing.rate_rows, name="rate_rows"),
    path("screening/", managing.screen, name="screening"),
    path("sample/", managing.sample, name="sample"),
    path("sample/<uuid:check_id>/", managing.note, name="note"),
    path("sites/", sites.listed, name="sites"),
    path("sites/new/<str:code>/", sites.add, name="site_new"),
    path("sites/<uuid:site_id>/", sites.site, name="site"),
    path("sites/<uuid:site_id>/record/<str:activity>/", sites.at_site, name="site_record"),
    path("sites/<uuid:site_id>/<str:action>/", sites.site_act, name="site_act"),
    path("activities/<uuid:record_id>/", sites.record, name="record"),
    path("activities/<uuid:record_id>/void/", sites.void, name="record_void"),
    path("activities/<str:code>/<str:activity>/", sites.by_institution, name="activity"),
    path("outreach/<str:code>/", sites.figures, name="outreach"),
    path("outreach/<str:code>/rows/", sites.rows, name="outreach_rows"),
    path("outreach/<str:code>/definition/", sites.definition, name="outreach_definition"),
]
