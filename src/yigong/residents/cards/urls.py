"""Addresses of cards."""

from django.urls import path

from yigong.residents.cards.views import cards, scanning

app_name = "cards"
urlpatterns = [
    path("scan/", scanning.scan, name="scan"),
    path("of/<uuid:resident_id>/", cards.of, name="of"),
    path("of/<uuid:resident_id>/new/", cards.issue, name="issue"),
    path("of/<uuid:resident_id>/electronic/", cards.issue_code, name="issue_code"),
    path("of/<uuid:resident_id>/code/", cards.code, name="code"),
    path("of/<uuid:resident_id>/for/", scanning.choose, name="choose"),
    path("<uuid:card_id>/replace/", cards.replace, name="replace"),
    path("<uuid:card_id>/<slug:action>/", cards.step, name="step"),
]
