"""Addresses of coverage."""

from django.urls import path

from yigong.insurance.coverage.views import applications, person, roll

app_name = "coverage"
urlpatterns = [
    path("", roll.villages, name="roll"),
    path("people/", roll.people, name="people"),
    path("export/", roll.export, name="export"),
    path("print/", roll.print_roll, name="print"),
    path("search/", person.search, name="search"),
    path("applications/", applications.listed, name="applications"),
    path("applications/<uuid:application_id>/", applications.one, name="application"),
    path("applications/<uuid:application_id>/mend/", applications.mend, name="mend_application"),
    path("applications/<uuid:application_id>/print/", applications.certificate, name="certificate"),
    path("people/<uuid:resident_id>/apply/<slug:kind>/", applications.new, name="apply"),
    path("people/<uuid:resident_id>/", person.detail, name="person"),
    path("people/<uuid:resident_id>/add/<slug:what>/", person.add, name="add"),
    path("people/<uuid:resident_id>/<slug:what>/<uuid:row_id>/<slug:action>/", person.change, name="change"),
]
