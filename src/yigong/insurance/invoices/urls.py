"""Addresses under /invoices/."""

from django.urls import path

from yigong.insurance.invoices import views

app_name = "invoices"
urlpatterns = [
    path("", views.register, name="list"),
    path("spoil/", views.spoil, name="spoil"),
    path("blocks/", views.blocks, name="blocks"),
    path("blocks/<uuid:block_id>/close/", views.close_block, name="close_block"),
    path("<uuid:invoice_id>/", views.detail, name="detail"),
    path("<uuid:invoice_id>/print/", views.print_invoice, name="print"),
]
