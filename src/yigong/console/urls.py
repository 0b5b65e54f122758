"""Addresses of the staff shell; it owns the site's root."""

from django.urls import path

from yigong.console.views import gallery, shell

app_name = "console"
urlpatterns = [
    path("", shell.home, name="home"),
    path("language/", shell.language, name="language"),
    path("ui/gallery/", gallery.gallery, name="gallery"),
    path("ui/gallery/options/", gallery.gallery_options, name="gallery_options"),
    path("ui/gallery/progress/", gallery.gallery_progress, name="gallery_progress"),
]
