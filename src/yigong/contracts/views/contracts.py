"""The list, one contract, its steps, renewals, the printed agreement."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_
from django.views.decorators.http import require_POST

from yigong.access.api import decide_many
from yigong.contracts import api, policies
from yigong.contracts import forms as own
from yigong.contracts.models import Contract, Service, Team
from yigong.contracts.queries import contracts, lists, teams
from yigong.contracts.queries.renewals import plan_of
from yigong.contracts.rules.packs import groups, packages, rules
from yigong.contracts.rules.workflow import CONTRACT
from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import NotFound
from yigong.core.jobs import api as jobs
from yigong.core.paging import number_of
from yigong.core.printing import api as printing
from yigong.core.rights import guarded, note_decision
from yigong.core.states.api import history
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.residents import api as residents

FILTERS = ("tab", "team", "group", "package", "text")
RENEWALS_AT_ONCE = 50
_MOST = 3000


def filters_of(request: HttpRequest) -> dict[str, str]:
    """The filters of a list."""
    found = {name: request.GET.get(name, "")[:60] for name in FILTERS}
    if found["team"] and key_of(found["team"]) is None:
        found["team"] = ""
    return found


def team_choices(actor: Any) -> list[tuple[str, str]]:
    """The actor's teams for a filter."""
    return [("", _("全部团队")), *((str(t.id), t.name) for t in teams.open_teams(actor))]


@guarded(policies.READ, about="resident")
def listing(request: HttpRequest) -> HttpResponse:
    """Contracts by tab, team, key population and package."""
    actor, filters = request.actor, filters_of(request)
    page = lists.contracts(actor, filters, page=number_of(request.GET.get("page")))
    counts = lists.counts(actor, filters["team"])
    labels = {
        "": _("有效"),
        "empty": _("签而未做"),
        "expiring": _("快到期"),
        "offered": _("待确认"),
        "over": _("已结束"),
        "gone": _("撤销与逾期"),
    }

    def at(name: str) -> str:
        query = request.GET.copy()
        query.pop("page", None)
        query["tab"] = name
        return "?" + query.urlencode()

    values = {
        "page": page, "filters": filters, "teams": team_choices(actor),
        "tabs": [(label, at(name), name == filters["tab"], counts[name or "now"]) for name, label in labels.items()],
        "groups": [("", _("全部人群")), *((c, _(g.label)) for c, g in groups().items() if not g.restricted)],
        "packages": [("", _("全部服务包")), *((c, _(p.title)) for c, p in packages().items())], "counts": counts,
    }  # fmt: skip
    return render(request, "contracts/list.html", values)


@guarded(policies.READ, about="resident")
def detail(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """One contract: what is due and done per item with the records behind it, money, history, steps."""
    actor = request.actor
    row = contracts.access_contract(contract_id, actor=actor)
    resident = residents.identity(row.resident_id)
    data, items = contracts.to_data(row), contracts.items_of(row)
    allowed = actor.has(policies.SIGN) and teams.mine(actor).filter(pk=row.team_id).exists()
    values = residents.file_context(resident, actor=actor, active="contracts", cards=False) | {
        "contract": data, "items": items, "history": history(row.id), "table": CONTRACT, "team": teams.team_data(row.team_id),
        "may": {s.action for s in CONTRACT.actions_for(row, actor)} if allowed else set(), "allowed": allowed,
        "others": [c for c in contracts.of_resident(resident.id) if c.id != data.id], "by_hand": any(i.by_hand for i in items),
    }  # fmt: skip
    return render(request, "contracts/detail.html", values)


def _form(action: str, row: Contract, data: Any) -> Any:
    today = clock.today()
    if action == "end":
        endings = [
            (e.code, _(e.title) + (_("（退回余下天数的签约费）") if e.returns else ""))
            for e in rules().endings
            if not e.follows
        ]
        return own.EndForm(data, endings=endings, initial={"on": today})
    if action == "add":
        choices = [(c, f"{_(p.title)} · {_(p.text)}") for c, p in packages().items() if c not in row.packages]
        return own.PackageForm(data, packages=choices)
    if action == "service":
        items = [
            (f"{i.package}/{i.item}", f"{i.title}（{i.done}/{i.times}）") for i in contracts.items_of(row) if i.by_hand
        ]
        return own.ServiceForm(data, items=items, initial={"on": today})
    kinds: dict[str, Any] = {
        "transfer": own.TransferForm, "revoke": own.ReasonForm, "withdraw": own.ReasonForm, "reopen": own.ReasonForm,
    }  # fmt: skip
    if action not in kinds:
        raise NotFound()
    return kinds[action](data)


_ACTIONS = {
    "end": N_("解约"),
    "add": N_("增加服务包"),
    "service": N_("登记服务"),
    "transfer": N_("转签"),
    "revoke": N_("撤销签约"),
    "withdraw": N_("撤回"),
    "reopen": N_("恢复协议"),
}
_NOTES = {
    "revoke": N_("签错了才撤销：协议视为从未生效，签约费退回。不再继续的请办理解约。"),
    "transfer": N_("协议期和服务包不变，今天起由接收的团队负责；余下日子的签约费随之转入。"),
    "service": N_("只登记没有其他记录的服务；随访、体检、就诊会自动计入，不用再登记。"),
}


@guarded(policies.SIGN, about="resident")
def act(request: HttpRequest, contract_id: UUID, action: str) -> HttpResponse:
    """One step of a contract."""
    actor = request.actor
    row = contracts.access_contract(contract_id, actor=actor)
    form = _form(action, row, request.POST or None)
    if done := ui_forms.sent(request, form, lambda: _acted(request, row, action, form.cleaned_data)):
        return done
    resident = residents.identity(row.resident_id)
    values = residents.file_context(resident, actor=actor, active="contracts", cards=False) | {
        "form": form, "title": _ACTIONS[action], "note": _NOTES.get(action, ""), "contract": contracts.to_data(row),
    }  # fmt: skip
    return ui_forms.page(request, "contracts/act.html", values, form=form)


def _acted(request: HttpRequest, row: Contract, action: str, cleaned: dict[str, Any]) -> str:
    given: dict[str, Any] = {"contract_id": row.id, "actor": request.actor}
    if action == "service":
        package, _slash, item = cleaned.pop("item").partition("/")
        api.note_service(**given, package=package, item=item, **cleaned)
    else:
        commands: dict[str, Any] = {
            "end": api.end_contract, "add": api.add_package, "transfer": api.transfer_contract, "revoke": api.revoke_contract,
            "withdraw": api.withdraw_offer, "reopen": api.reopen_contract,
        }  # fmt: skip
        commands[action](**given, **cleaned)
    messages.success(request, _("已保存。"))
    return address("contracts:detail", row.id)


@guarded(policies.SIGN, about="resident")
@require_POST
def undo_service(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """A service noted by hand is taken back."""
    service = Service.objects.filter(pk=service_id).first()
    if service is None:
        raise NotFound()
    contracts.access_contract(service.contract_id, actor=request.actor)
    done = api.unnote_service(service_id=service_id, reason=request.POST.get("reason", ""), actor=request.actor)
    messages.success(request, _("已撤销。"))
    return redirect("contracts:detail", done.id)


@guarded(policies.SIGN, about="resident")
def renewals(request: HttpRequest) -> HttpResponse:
    """What is about to run out, with the renewal each would get; many at once are a job."""
    actor, filters = request.actor, filters_of(request) | {"tab": "expiring"}
    if request.method == "POST":
        ids = [k for k in map(key_of, request.POST.getlist("contract")) if k]
        if "all" in request.POST:
            ids = lists.ids_of(actor, filters, _MOST)
        return _renewed(request, ids)
    rows = lists.contracts(actor, filters, page=number_of(request.GET.get("page")), limit=50)
    found = {
        r.id: r for r in Contract.objects.filter(pk__in=[r.contract.id for r in rows.items]).select_related("team")
    }
    plans = {p.contract_id: p for p in plan_of([found[r.contract.id] for r in rows.items])}
    values = {
        "page": rows,
        "plans": plans,
        "filters": filters,
        "teams": team_choices(actor),
        "days": rules().expiring_days,
    }
    return render(request, "contracts/renewals.html", values)


def _renewed(request: HttpRequest, ids: list[UUID]) -> HttpResponse:
    if not ids:
        messages.error(request, _("请至少选一份协议。"))
        note_decision()
        return redirect("contracts:renewals")
    if len(ids) > RENEWALS_AT_ONCE:
        note_decision()
        job = jobs.start_job(
            "contracts.renew",
            _("批量续签 %(n)s 份") % {"n": len(ids)},
            request.actor,
            contract_ids=[str(k) for k in ids],
        )
        return redirect("jobs:page", job_id=job.id)
    keys = Contract.objects.filter(pk__in=ids).values_list("resident_id", flat=True)
    allowed = decide_many(request.actor, "write", "resident", set(keys))
    ids = [r.id for r in Contract.objects.filter(pk__in=ids) if allowed[r.resident_id].allowed]
    done = api.renew_contracts(contract_ids=ids, actor=request.actor)
    messages.success(request, _("已续签 %(n)s 份。") % {"n": len(done.contracts)})
    for skipped in done.skipped:
        messages.warning(request, f"{skipped.name}：{skipped.why}")
    return redirect(request.get_full_path())


@guarded(policies.READ, about="resident")
def print_contract(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """The agreement on paper."""
    row = contracts.access_contract(contract_id, actor=request.actor)
    data, items, team = contracts.to_data(row), contracts.items_of(row), teams.team_data(row.team_id)
    person = residents.identity(row.resident_id)
    county = rules(row.starts_on)
    seats: dict[str, list[str]] = {}
    for m in team.members:
        seats.setdefault(m.role_title, []).append(f"{m.name}（{m.place}）")
    values = {
        "title": _("家庭医生签约服务协议"), "subtitle": data.number,
        "facts": [
            [_("居民"), f"{person.name} {person.sex_label} {person.age_text}"], [_("证件号码"), person.masked_number or "—"],
            [_("住址"), person.place or "—"], [_("团队"), data.team], [_("协议期"), f"{data.starts_on} – {data.last_day}"],
            [_("服务包"), "、".join(data.packages)], [_("人群分类"), "、".join(data.groups) or "—"], [_("签约方式"), data.way_label],
            [_("签字人"), data.signer_note],
        ],
        "team": [[title, "、".join(names)] for title, names in seats.items()], "team_label": _("团队成员"),
        "items_label": _("服务项目"), "items_heads": [_("服务包"), _("项目"), _("协议期内次数")],
        "items": [[i.package_title, i.title, str(i.times)] for i in items],
        "money_label": _("签约服务费（元/协议期）"), "money": [[title, f"{fen / 100:.2f}"] for title, fen in data.payers],
        "text_label": _("约定"), "text": [_(t) for t in county.agreement],
        "signer_label": _("家庭医生团队（盖章）"), "person_label": _("居民或监护人签字"),
    }  # fmt: skip
    place = network.institution(row.institution_id).name
    document = printing.print_document(
        "contract", "contracts/contract", values, actor=request.actor, about=printing.About("contract", row.id, str(row.version)),
        institution=place, title=data.number,
    )  # fmt: skip
    return printing.answer(document)


def team_or_404(team_id: UUID) -> Team:
    """A team."""
    team = Team.objects.filter(pk=team_id).first()
    if team is None:
        raise NotFound()
    return team
