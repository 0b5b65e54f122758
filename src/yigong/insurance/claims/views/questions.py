"""Questions of the coder at the doctor's desk."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.access.data import Subject
from yigong.core.errors import DomainError, NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.ui.forms import once, page, refuse
from yigong.insurance.claims import api, forms, policies
from yigong.insurance.claims.commands.asking import OUTCOMES
from yigong.insurance.claims.models import CodingQuestion
from yigong.insurance.claims.rules.workflow import QUESTION


@guarded(policies.ANSWER)
def index(request: HttpRequest) -> HttpResponse:
    """My questions, open ones first."""
    rows = CodingQuestion.objects.filter(doctor_id=request.actor.staff_id).order_by("-state", "-state_since")
    found = page_of(rows, page=number_of(request.GET.get("page")))
    return render(request, "claims/questions.html", {"page": found, "label": QUESTION.label})


@guarded("signed_in", about="coding_question")
def one(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """One question with its evidence and the answer."""
    access.require(request.actor, "read_detail", Subject("coding_question", question_id))
    row = CodingQuestion.objects.filter(pk=question_id).first()
    if row is None:
        raise NotFound()
    form = forms.AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _answer(form, row, request))
        except DomainError as error:
            refuse(form, error)
    may = any(step.action == "answer" for step in QUESTION.actions_for(row, request.actor))
    context = {
        "form": form, "row": row, "state_label": QUESTION.label(row.state), "may_answer": may, "outcome": OUTCOMES.get(row.outcome, ""),
        "may_withdraw": row.state == "asked" and request.actor.has(policies.DESK),
    }  # fmt: skip
    return page(request, "claims/question.html", context, form=form)


def _answer(form: forms.AnswerForm, row: CodingQuestion, request: HttpRequest) -> str:
    api.answer_question(question_id=row.id, actor=request.actor, **form.cleaned_data)
    return reverse("claims:question", args=[row.id])


@guarded(policies.DESK)
def withdraw(request: HttpRequest, question_id: UUID) -> HttpResponse:
    """Take a question back."""
    if request.method != "POST":
        return redirect("claims:question", question_id=question_id)

    def act() -> str:
        row = api.withdraw_question(question_id=question_id, reason=request.POST.get("reason", ""), actor=request.actor)
        return reverse("claims:desk", args=[row.stay_id])

    return once(request, act)
