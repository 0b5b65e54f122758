"""Addresses of the work reports."""

from django.urls import path

from yigong.workreport.views import chapters, editions, files, statutory

app_name = "workreport"
urlpatterns = [
    path("", editions.listing, name="list"),
    path("new/", editions.new, name="new"),
    path("tables/", statutory.index, name="tables"),
    path("tables/<slug:code>/", statutory.table, name="table"),
    path("tables/<slug:code>/export/", statutory.export, name="table_export"),
    path("tables/<slug:code>/print/", statutory.printed, name="table_print"),
    path("<uuid:edition_id>/", editions.detail, name="edition"),
    path("<uuid:edition_id>/again/", editions.again, name="again"),
    path("<uuid:edition_id>/correct/", editions.correct, name="correct"),
    path("<uuid:edition_id>/compare/", editions.compare, name="compare"),
    path("<uuid:edition_id>/act/<slug:action>/", editions.act, name="act"),
    path("<uuid:edition_id>/word/", files.word_file, name="word"),
    path("<uuid:edition_id>/print/", files.printed, name="print"),
    path("<uuid:edition_id>/export/", files.spreadsheet_file, name="export"),
    path("<uuid:edition_id>/import/", files.bring, name="import"),
    path("import/<uuid:file_id>/", files.taken, name="returned"),
    path("<uuid:edition_id>/chapters/<slug:chapter>/", chapters.write, name="chapter"),
    path("<uuid:edition_id>/chapters/<slug:chapter>/save/", chapters.save, name="save"),
    path("<uuid:edition_id>/chapters/<slug:chapter>/here/", chapters.here, name="here"),
    path("<uuid:edition_id>/chapters/<slug:chapter>/versions/", chapters.versions, name="versions"),
]
