"""The actor's own jobs and their progress."""

from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from yigong.core.jobs import api
from yigong.core.rights import guarded


@guarded("signed_in")
def job_list(request: HttpRequest) -> HttpResponse:
    """My jobs, newest first."""
    return render(request, "jobs/list.html", {"jobs": api.jobs_of(request.actor)})


@guarded("signed_in")
def job_page(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One job; asked for its fragment only, it answers with that (the page asks every two seconds)."""
    template = "jobs/progress.html" if request.headers.get("HX-Request") else "jobs/page.html"
    return render(request, template, {"job": api.job_of(job_id, request.actor)})


@guarded("signed_in")
def job_result(request: HttpRequest, job_id: UUID) -> HttpResponse | FileResponse:
    """The result file as a download."""
    found = api.job_of(job_id, request.actor)
    return FileResponse(api.result_file(job_id).open("rb"), as_attachment=True, filename=found.result_name)


@require_POST
@guarded("signed_in")
def cancel(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Ask the job to stop."""
    try:
        api.cancel_job(job_id, request.actor)
    except api.JobOver as refusal:
        messages.warning(request, str(refusal))
    return redirect("jobs:page", job_id=job_id)
