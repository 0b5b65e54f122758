"""Addresses of the staff shell; it owns the site's root."""

from django.urls import path

from yigong.console import gallery, views

app_name = "console"
urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("language/", views.language, name="language"),
    path("ui/gallery/", gallery.gallery, name="gallery"),
    path("ui/gallery/options/", gallery.gallery_options, name="gallery_options"),
    path("ui/gallery/progress/", gallery.gallery_progress, name="gallery_progress"),
]
