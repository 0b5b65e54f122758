"""One small address for load balancers and the supervisor."""

from django.db import connection
from django.http import HttpRequest, HttpResponse

from yigong.access.api import guarded


@guarded("public")
def health(request: HttpRequest) -> HttpResponse:
    """200 when this server reaches its database."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("ok", content_type="text/plain")
