"""Addresses of records."""

from django.urls import path

from yigong.records import front_views, views

app_name = "records"
urlpatterns = [
    path("line/", views.line, name="line"),
    path("diagnoses/", views.diagnoses, name="diagnoses"),
    path("medicines/", views.medicines, name="medicines"),
    path("encounters/<uuid:encounter_id>/", views.encounter, name="encounter"),
    path("results/<uuid:group_id>/", views.results, name="results"),
    path("documents/<uuid:document_id>/", views.document, name="document"),
    path("allergies/<uuid:allergy_id>/end/", views.end_allergy, name="end_allergy"),
    path("conditions/<uuid:condition_id>/resolve/", views.resolve_condition, name="resolve_condition"),
    path("<uuid:resident_id>/", views.timeline, name="timeline"),
    path("<uuid:resident_id>/visit/", views.visit, name="visit"),
    path("<uuid:resident_id>/judge/", views.judge, name="judge"),
    path("<uuid:resident_id>/trend/<slug:code>/", views.trend, name="trend"),
    path("<uuid:resident_id>/summary/", views.summary, name="summary"),
    path("<uuid:resident_id>/front/", front_views.front, name="front"),
    path("<uuid:resident_id>/front/print/<slug:sheet>/", front_views.front_print, name="front_print"),
    path("<uuid:resident_id>/allergy/", views.allergy, name="allergy"),
]
