"""Pages of the year's end by head and by disease score."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from yigong.core.errors import DomainError
from yigong.core.paging import number_of, page_of, page_of_list
from yigong.core.printing.api import About, answer, print_document
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.insurance.budget import forms, policies
from yigong.insurance.budget.commands.common import found
from yigong.insurance.budget.commands.year_end import close_year, reopen_year
from yigong.insurance.budget.models import YearClose
from yigong.insurance.budget.queries import year_end as read
from yigong.insurance.budget.queries.use import institution_names
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.states import YEAR_CLOSE
from yigong.insurance.budget.rules.words import CLOSE_WORDS
from yigong.insurance.budget.views.common import actor_of, chosen_scheme, chosen_year, refused, show


@guarded(policies.READ)
def year_ends(request: HttpRequest) -> HttpResponse:
    """A year's closing as it would be now, what is in the way, and those that were posted; close it."""
    scheme, year = chosen_scheme(request), chosen_year(request)
    kind = request.GET.get("kind", "head")
    kind, form = kind if kind in CLOSE_WORDS else "head", forms.ReasonForm(None)
    if request.method == "POST":
        try:
            key = close_year(scheme=scheme, year=year, kind=kind, actor=actor_of(request))
            return redirect("budget:year_end", close_id=key)
        except DomainError as refusal:
            form = refused(refusal)
    standing = read.closing_of(year, kind)
    made = None if standing else read.year_end(scheme, year, kind)
    page = page_of_list(made.lines if made else (), page=number_of(request.GET.get("page")), limit=30)
    context = {
        "kind": kind, "kinds": CLOSE_WORDS, "made": made, "standing": standing, "page": page, "form": form, "table": YEAR_CLOSE,
        "names": institution_names([one.institution_id for one in page.items]), "done": list(read.closings(scheme, year)[:20]),
    }  # fmt: skip
    return show(request, "year_ends.html", context, tab="year_ends", status=422 if form.errors else 200)


@guarded(policies.READ)
def closed(request: HttpRequest, close_id: UUID) -> HttpResponse:
    """One posted closing: its sums, each institution's line and way, the village clinics' parts; take it back."""
    row, actor, form = found(YearClose, close_id), actor_of(request), forms.ReasonForm(None)
    if request.method == "POST":
        try:
            reopen_year(close_id=row.id, reason=request.POST.get("reason", ""), actor=actor)
            return redirect("budget:year_end", close_id=row.id)
        except DomainError as refusal:
            form = refused(refusal)
    lines = row.lines.prefetch_related("parts").order_by("-paid", "institution_id")
    page = page_of(lines, page=number_of(request.GET.get("page")), limit=20)
    keys = {one.institution_id for one in page.items} | {
        part.institution_id for one in page.items for part in one.parts.all()
    }
    context = {
        "row": row, "page": page, "names": institution_names(keys), "table": YEAR_CLOSE, "kinds": CLOSE_WORDS, "form": form,
        "history": history(row.id), "can_reverse": bool(YEAR_CLOSE.actions_for(row, actor)), "year": row.year,
    }  # fmt: skip
    return show(request, "year_end.html", context, tab="year_ends", status=422 if form.errors else 200)


@guarded(policies.READ)
def print_closed(request: HttpRequest, close_id: UUID) -> HttpResponse:
    """The closing as a sheet: the sums and every institution."""
    row = found(YearClose, close_id)
    lines = list(row.lines.prefetch_related("parts").order_by("-paid", "institution_id"))
    parts = [part for one in lines for part in one.parts.all()]
    names = institution_names({one.institution_id for one in lines} | {part.institution_id for part in parts})
    heads = row.kind == "head"
    by = (
        _("第 %(n)s 版，%(who)s 签署") % {"n": row.appraisal.edition, "who": row.appraisal.signed_by}
        if row.appraisal
        else _("每分 %(value)s 元") % {"value": row.point_value}
    )
    data = {
        "title": _("%(year)s 年度%(kind)s结算单") % {"year": row.year, "kind": CLOSE_WORDS[row.kind]}, "subtitle": row.number,
        "facts": [[_("状态"), YEAR_CLOSE.label(row.state)], [_("结算人"), row.by], [_("考核") if heads else _("全年单价"), by]],
        "steps_title": _("合计怎么来的"), "heads": [_("项目"), _("算法"), _("金额（元）")], "lines": row.steps, "shares_title": _("各机构（元）"),
        "share_heads": [_("机构"), _("得分") if heads else _("分值"), _("已付"), *([_("使用"), _("留用"), _("承担")] if heads else []), _("全年应得"), _("还应支付")],
        "shares": [
            [names.get(one.institution_id, ""), str(one.score if heads else one.scores), yuan(one.paid),
             *([yuan(one.used), yuan(one.kept), yuan(one.borne)] if heads else []), yuan(one.due), yuan(one.balance)]
            for one in lines
        ],
        "parts_title": _("分给村卫生室（元）") if parts else "", "part_heads": [_("村卫生室"), _("金额")],
        "parts": [[names.get(part.institution_id, ""), yuan(part.amount) + ("*" if part.favoured else "")] for part in parts],
        "note": _("已付 %(paid)s 元，全年应得 %(due)s 元，另分给村卫生室 %(given)s 元；还应支付 %(rest)s 元（负数为退回基金）。* 尾差按最大余数给出一分。")
        % {"paid": yuan(row.paid), "due": yuan(row.due), "given": yuan(row.given), "rest": yuan(row.due - row.paid + row.given)},
        "signs": [_("医保经办"), _("机构负责人"), _("医保部门")],
    }  # fmt: skip
    about = About("budget.year_close", row.id, str(row.version))
    return answer(
        print_document(
            "budget_year_end", "budget/year_end", data, actor=actor_of(request), about=about, title=data["title"]
        )
    )
