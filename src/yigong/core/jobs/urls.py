"""Addresses under /jobs/."""

from django.urls import path

from yigong.core.jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("<uuid:job_id>/", views.job_page, name="page"),
    path("<uuid:job_id>/result/", views.job_result, name="result"),
    path("<uuid:job_id>/cancel/", views.cancel, name="cancel"),
]
