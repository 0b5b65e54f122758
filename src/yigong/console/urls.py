"""Addresses of the staff shell; it owns the site's root."""

from django.urls import path

from yigong.console.views import figures, gallery, shell

app_name = "console"
urlpatterns = [
    path("", shell.home, name="home"),
    path("language/", shell.language, name="language"),
    path("figures/", figures.overview, name="figures"),
    path("figures/<slug:code>/", figures.rows, name="figure_rows"),
    path("ui/gallery/", gallery.gallery, name="gallery"),
    path("ui/gallery/options/", gallery.gallery_options, name="gallery_options"),
    path("ui/gallery/progress/", gallery.gallery_progress, name="gallery_progress"),
]
