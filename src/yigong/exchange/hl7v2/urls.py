"""Addresses of the desk."""

from django.urls import path

from yigong.exchange.hl7v2 import views

app_name = "hl7v2"

urlpatterns = [
    path("", views.message_list, name="messages"),
    path("<uuid:message_id>/", views.message, name="message"),
]
