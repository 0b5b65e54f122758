"""Addresses of the to-do list."""

from django.urls import path

from yigong.tasks import views

app_name = "tasks"
urlpatterns = [
    path("", views.task_list, name="list"),
    path("done/", views.done, name="done"),
    path("move/", views.move, name="move"),
    path("people/", views.people, name="people"),
    path("<uuid:task_id>/", views.detail, name="detail"),
    path("<uuid:task_id>/claim/", views.claim, name="claim"),
    path("<uuid:task_id>/release/", views.release, name="release"),
]
