"""One small address for load balancers and the supervisor."""

from django.db import connection
from django.http import HttpRequest, HttpResponse

from yigong.access.api import guarded


@guarded("public")
def alive(request: HttpRequest) -> HttpResponse:
    """200 when this server runs; touches nothing else (the liveness probe, and the empty view of the benchmarks)."""
    return HttpResponse("ok", content_type="text/plain")


@guarded("public")
def health(request: HttpRequest) -> HttpResponse:
    """200 when this server reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok", content_type="text/plain")
