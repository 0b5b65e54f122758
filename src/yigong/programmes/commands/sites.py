"""Places and what was done there: each change in one transaction; when a place is due again follows its last record."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.clock import SHANGHAI
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.forms import api as forms
from yigong.core.pictures import api as pictures
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import policies
from yigong.programmes.commands import holding, plans
from yigong.programmes.commands.common import required
from yigong.programmes.models import Site, SiteDue, SitePicture, SiteRecord
from yigong.programmes.rules import planning
from yigong.programmes.rules import sites as rules
from yigong.programmes.rules.judging import plain
from yigong.tasks import api as tasks

FIRST_LOOK_DAYS = 30
SHOWN_BEFORE_DAYS = 14


@change
def add_site(
    *, programme: str, kind: str, name: str, actor: Actor, institution_id: UUID | None = None, address: str = "", contact: str = "",
    phone: str = "", since: date | None = None,
) -> Site:  # fmt: skip
    """Put a place under watch; its first looks are due within a month."""
    policies.require(actor, policies.SITES)
    definition, place = _definition(programme), institution_id or actor.institution_id
    if place is None or not policies.manages(actor, place):
        raise Forbidden(_("这个机构不由您所在机构管理，不能替它登记监管单位。"))
    errors = {}
    if kind not in {k.code for k in definition.sites}:
        errors["kind"] = _("请选择单位类别。")
    if not name.strip():
        errors["name"] = _("请填写单位名称。")
    if since and since > clock.today():
        errors["since"] = _("开始日期不能晚于今天。")
    if errors:
        raise InvalidInput(errors=errors)
    taken = InvalidInput(errors={"name": _("本机构已登记过“%(name)s”。") % {"name": name.strip()}})
    with refusing(programme_site_once=taken):
        row = Site.objects.create(
            programme=programme, kind=kind, name=name.strip()[:80], address=address.strip()[:120], contact=contact.strip()[:40],
            phone=phone.strip()[:30], institution_id=place, since=since or clock.today(),
        )  # fmt: skip
    plan(row, actor)
    return row


@change
def close_site(*, site_id: UUID, reason: str, actor: Actor) -> None:
    """A place that is no more, or not ours any longer: nothing is due there; its records stay."""
    row = _site(site_id, actor)
    text = required(reason, "reason", _("请写明停管原因，例如“学校撤并”。"))
    if row.closed_on:
        raise Conflict(_("这个单位已停管。"))
    row.closed_on, row.closed_reason = max(clock.today(), row.since), text
    row.save(update_fields=["closed_on", "closed_reason"])
    plan(row, actor)


@change
def reopen_site(*, site_id: UUID, actor: Actor) -> None:
    """Undo a closing."""
    row = _site(site_id, actor)
    row.closed_on, row.closed_reason = None, ""
    taken = Conflict(_("本机构已另行登记了同名单位，不能恢复。"))
    with refusing(programme_site_once=taken):
        row.save(update_fields=["closed_on", "closed_reason"])
    plan(row, actor)


@racing("programmes.record_activity")
@change
def record_activity(
    *, programme: str, activity: str, answers: Mapping[str, Any], actor: Actor, site_id: UUID | None = None, on: date | None = None,
    idempotency_key: UUID | None = None, photos: Sequence[bytes] = (), signature: str = "",
    plan_id: UUID | None = None,
) -> SiteRecord:  # fmt: skip
    """Record a patrol, a sampling, a lecture …; ``answers`` as typed, ``photos`` as taken, ``signature`` as drawn (the data address of a canvas);
    ``plan_id`` is what of the year's plan was done by it. The same key twice is the same record."""
    policies.require(actor, policies.SITES)
    one_at_a_time(idempotency_key or site_id or programme)
    if idempotency_key and (done := SiteRecord.objects.filter(request_key=idempotency_key).first()):
        return done
    definition = _definition(programme)
    what = definition.activity(activity)
    if what is None:
        raise NotFound(_("方案里没有这项工作。"))
    site = _site(site_id, actor) if site_id else None
    place, day = _where(what, site, actor), on or clock.today()
    _check_day(day, site)
    form = forms.form(what.form, definition.effective_from)
    reading = forms.read(form, answers)
    if reading.errors:
        raise InvalidInput(errors=reading.errors)
    facts = plain(reading.answers) | {"activity": activity}
    found = rules.found_in(definition, facts)
    base, counted = rules.standing(definition, facts | {"finding": found.code if found else ""})
    row = SiteRecord(
        programme=programme, definition=definition.version, activity=activity, site=site, institution_id=place, staff_id=actor.staff_id, on=day,
        finding=found.code if found else "", base=base, counted=counted, request_key=idempotency_key,
        reach=facts.get(what.reach) if what.reach else None, thing=str(facts.get(what.thing) or "")[:80] if what.thing else "",
    )  # fmt: skip
    twice = Conflict(_("这一天的“%(title)s”已在这个单位登记过，如有误请作废后重录。") % {"title": _(what.title)})
    row.response_id = forms.save(form, reading, subject=("programme_site_record", row.id), actor=actor)
    with refusing(programme_site_record_once_a_day=twice):
        row.save(force_insert=True)
    _keep_pictures(row, what, photos, signature)
    if plan_id:
        plans.meet(plan_id, row, found, actor)
    if site:
        if found and found.holds_lots:
            read = {n: reading.answers[n] for n in rules.asked_by(found) if n in reading.answers}
            measured = "、".join(text for _section, _label, text in forms.sheet(form, read))
            holding.hold_lots(row, site, f"{_(found.title)} {measured}", actor)
        plan(site, actor)
    return row


def _keep_pictures(row: SiteRecord, what: rules.Activity, photos: Sequence[bytes], signature: str) -> None:
    """What was photographed and signed, each picture once."""
    if len(photos) > what.pictures:
        raise InvalidInput(errors={"photos": _("最多 %(n)s 张照片。") % {"n": what.pictures}})
    kept = [(pictures.keep(one, use=rules.PICTURES, field="photos").digest, SitePicture.Kind.PHOTO) for one in photos]
    if what.signature and (signed := pictures.drawn(signature, use=rules.SIGNATURE)):
        kept.append((signed.digest, SitePicture.Kind.SIGNATURE))
    SitePicture.objects.bulk_create(
        SitePicture(record=row, kept_id=digest, kind=kind, place=n)
        for n, (digest, kind) in enumerate(dict(kept).items(), 1)
    )


@change
def void_record(*, record_id: UUID, reason: str, actor: Actor) -> None:
    """Take a record back that was entered by mistake: it counts nowhere, what it had met is due again. Vaccine that it put aside stays so until
    somebody with that right has judged it: a mistake is a ground of that judgement."""
    policies.require(actor, policies.SITES)
    row = SiteRecord.objects.select_for_update(of=("self",)).select_related("site").filter(pk=record_id).first()
    if row is None or not policies.manages(actor, row.institution_id):
        raise NotFound()
    text = required(reason, "reason", _("请写明作废原因。"))
    if row.void_reason:
        raise Conflict(_("这条记录已作废。"))
    row.void_reason = text
    row.save(update_fields=["void_reason"])
    plans.release(row, text, actor)
    if row.site:
        plan(row.site, actor)


def plan(site: Site, actor: Actor) -> None:
    """Open, move or cancel what is due at a place, with its tasks: each repeating activity follows its last record, sooner where that found something."""
    definition = _definition(site.programme)
    open_now = {d.activity: d for d in SiteDue.objects.select_for_update().filter(site=site, state="open")}
    for what in definition.activities:
        due, again = (None, False) if site.closed_on or what.at != "site" else _next(definition, what, site)
        row = open_now.get(what.code)
        if row and row.due_on == due:
            continue
        if row:
            row.state = "cancelled" if due is None else "done"
            row.save(update_fields=["state"])
            tasks.resolve_task(key=key_of(row.id), actor=actor, note=_("计划已更新"))
        if due:
            _open(definition, what, site, due, again)


def _next(definition: rules.Outreach, what: rules.Activity, site: Site) -> tuple[date | None, bool]:
    """When an activity is due next, and whether because of what was found."""
    last = (
        SiteRecord.objects.filter(site=site, activity=what.code, void_reason="").order_by("-on", "-recorded_at").first()
    )
    if last is None:
        return (site.since + timedelta(days=FIRST_LOOK_DAYS) if what.every_days else None), False
    found = rules.version_of(site.programme, last.definition).finding(last.finding)
    if found and found.recheck_days:
        return last.on + timedelta(days=found.recheck_days), True
    return (last.on + timedelta(days=what.every_days) if what.every_days else None), False


def _open(definition: rules.Outreach, what: rules.Activity, site: Site, due: date, again: bool) -> None:
    row = SiteDue.objects.create(site=site, activity=what.code, due_on=due, is_recheck=again)
    shown = datetime.combine(due - timedelta(days=SHOWN_BEFORE_DAYS), time(), SHANGHAI)
    level = network.institution(site.institution_id).level
    title = _("%(site)s：%(what)s（复查）") if again else _("%(site)s：%(what)s")
    tasks.open_task(
        key=key_of(row.id), kind="programmes.site", title=title % {"site": site.name, "what": _(what.title)}, institution_id=site.institution_id,
        role="village_doctor" if level == "village" else "gp", url=address("programmes:site", site.id), subject=("programme_site", site.id),
        due_at=planning.end_of(due), hidden_until=None if again or shown <= clock.now() else shown,
    )  # fmt: skip


def key_of(due_id: UUID) -> str:
    """The key of a due row's task."""
    return f"programmes/site/{due_id}"


def _definition(code: str) -> rules.Outreach:
    found = rules.definitions().get(code)
    if found is None:
        raise NotFound(_("没有这个方案。"))
    return found


def _site(site_id: UUID, actor: Actor) -> Site:
    policies.require(actor, policies.SITES)
    row = Site.objects.select_for_update().filter(pk=site_id).first()
    if row is None:
        raise NotFound()
    if not policies.manages(actor, row.institution_id):
        raise Forbidden(_("这个单位由其他机构负责。"))
    return row


def _where(what: rules.Activity, site: Site | None, actor: Actor) -> UUID:
    if (what.at == "site") != (site is not None):
        raise InvalidInput(
            _("这项工作在单位里做，请先选择单位。") if site is None else _("这项工作由机构自己做，不登记在单位名下。")
        )
    if site is not None:
        if site.closed_on:
            raise Conflict(_("这个单位已停管，请先恢复。"))
        return site.institution_id
    if actor.institution_id is None:
        raise InvalidInput(_("请先选择您所在的机构。"))
    return actor.institution_id


def _check_day(day: date, site: Site | None) -> None:
    if day > clock.today():
        raise InvalidInput(errors={"on": _("日期 %(d)s 晚于今天，请核对。") % {"d": day}})
    if site and day < site.since:
        raise InvalidInput(errors={"on": _("日期 %(d)s 早于纳入管理的 %(s)s，请核对。") % {"d": day, "s": site.since}})
