"""Addresses of assistance."""

from django.urls import path

from yigong.insurance.assistance import views

app_name = "assistance"
urlpatterns = [
    path("", views.payments, name="list"),
    path("fund/", views.fund_in, name="fund_in"),
    path("pay/", views.pay, name="pay"),
    path("payments/<uuid:payment_id>/", views.payment, name="payment"),
    path("rolls/", views.rolls, name="rolls"),
    path("rolls/<uuid:roll_id>/", views.roll, name="roll"),
    path("rolls/<uuid:roll_id>/decide/", views.decide, name="decide"),
]
