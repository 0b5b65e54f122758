"""Addresses under /nhsa/."""

from django.urls import path

from yigong.exchange.nhsa import views

app_name = "nhsa"
urlpatterns = [
    path("", views.messages, name="messages"),
    path("transactions/", views.transactions, name="transactions"),
    path("<uuid:message_id>/", views.message, name="message"),
]
