"""Addresses of sign-in, accounts, consent, emergency access and the read log."""

from django.urls import path

from yigong.access import views

app_name = "access"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("password/", views.password, name="password"),
    path("post/", views.post, name="post"),
]
