"""Addresses under /referrals/."""

from django.urls import path

from yigong.referrals.views import pages as views

app_name = "referrals"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("new/", views.new, name="new"),
    path("new/fields/", views.new_parts, name="new_parts"),
    path("institutions/", views.institutions, name="institutions"),
    path("desk/", views.desk, name="desk"),
    path("slots/", views.slot_page, name="slots"),
    path("slots/<uuid:sheet_id>/stop/", views.stop_slot, name="stop_slot"),
    path("statistics/", views.statistics, name="statistics"),
    path("<uuid:referral_id>/", views.detail, name="detail"),
    path("<uuid:referral_id>/edit/", views.edit, name="edit"),
    path("<uuid:referral_id>/print/", views.print_form, name="print"),
    path("<uuid:referral_id>/down/", views.refer_down, name="refer_down"),
    path("<uuid:referral_id>/<slug:action>/", views.act, name="act"),
]
