"""Addresses of institutions, alliances, centres, staff and rosters."""

from django.urls import path

from yigong.network.views import accreditations, alliances, institutions, people, roster, swaps

app_name = "network"
urlpatterns = [
    path("institutions/", institutions.listing, name="institutions"),
    path("institutions/export/", institutions.export, name="export_institutions"),
    path("institutions/options/", institutions.options, name="institution_options"),
    path("institutions/new/", institutions.new, name="new_institution"),
    path("institutions/<uuid:institution_id>/", institutions.detail, name="institution"),
    path("institutions/<uuid:institution_id>/change/", institutions.change, name="change_institution"),
    path("institutions/<uuid:institution_id>/close/", institutions.close, name="close_institution"),
    path("institutions/<uuid:institution_id>/counting/", institutions.count, name="count_institution"),
    path("institutions/<uuid:institution_id>/departments/new/", institutions.add_department, name="add_department"),
    path("institutions/<uuid:institution_id>/centres/new/", institutions.add_centre, name="add_centre"),
    path("institutions/<uuid:institution_id>/accreditations/new/", accreditations.add, name="add_accreditation"),
    path("accreditations/", accreditations.listing, name="accreditations"),
    path("places/options/", institutions.place_options, name="place_options"),
    path("alliances/", alliances.listing, name="alliances"),
    path("alliances/new/", alliances.new, name="new_alliance"),
    path("alliances/<uuid:alliance_id>/", alliances.detail, name="alliance"),
    path("alliances/<uuid:alliance_id>/join/", alliances.join, name="join_alliance"),
    path("memberships/<uuid:membership_id>/end/", alliances.leave, name="leave_alliance"),
    path("centres/<uuid:centre_id>/", alliances.centre, name="centre"),
    path("centres/<uuid:centre_id>/serve/", alliances.serve, name="serve"),
    path("services/<uuid:service_id>/end/", alliances.end_service, name="end_service"),
    path("staff/", people.listing, name="staff"),
    path("staff/options/", people.options, name="staff_options"),
    path("staff/new/", people.new, name="new_staff"),
    path("staff/<uuid:staff_id>/", people.detail, name="person"),
    path("staff/<uuid:staff_id>/posts/new/", people.add_post, name="add_post"),
    path("staff/<uuid:staff_id>/second/", people.second, name="second_staff"),
    path("staff/<uuid:staff_id>/qualifications/new/", people.add_qualification, name="add_qualification"),
    path("posts/<uuid:post_id>/end/", people.end_post, name="end_post"),
    path("secondments/<uuid:secondment_id>/end/", people.end_secondment, name="end_secondment"),
    path("roster/", roster.week, name="roster"),
    path("roster/<uuid:institution_id>/plan/", roster.plan, name="plan_duty"),
    path("roster/<uuid:institution_id>/copy/", roster.copy, name="copy_week"),
    path("roster/<uuid:institution_id>/needs/", roster.needs, name="duty_needs"),
    path("roster/<uuid:institution_id>/needs/new/", roster.add_need, name="add_duty_need"),
    path("roster/needs/<uuid:need_id>/end/", roster.end_need, name="end_duty_need"),
    path("roster/<uuid:duty_id>/swap/", swaps.offer, name="offer_swap"),
    path("roster/swaps/<uuid:swap_id>/", swaps.detail, name="swap"),
    path("roster/swaps/<uuid:swap_id>/answer/", swaps.answer, name="answer_swap"),
    path("roster/<uuid:duty_id>/cancel/", roster.cancel, name="cancel_duty"),
]
