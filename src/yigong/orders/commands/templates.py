"""Templates of reports and of requests: written as versions, shared, retired, brought back; those of reports are carried over by a file."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _n

from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.pinyin import initials
from yigong.core.states import api as states
from yigong.orders.data import RequestPart, ServiceDefinition, TemplateText
from yigong.orders.models import Order, Report, TextTemplate, TextTemplateUse, TextTemplateVersion
from yigong.orders.queries import templates as queries
from yigong.orders.rules import service
from yigong.orders.rules import templates as rules
from yigong.orders.rules.packs import PRIORITIES
from yigong.orders.rules.requests import TEXTS
from yigong.orders.rules.templates import TEMPLATE
from yigong.tasks import api as tasks

MOST_ITEMS = 20
SHARE = tasks.declare_kind("template.share", gettext_lazy("报告模板待共享"))


class TemplateChanged(Conflict):
    """Somebody else wrote a version in the meantime."""

    code = "template.changed"
    message = _n("模板已有第 %(n)s 版，请刷新页面，在新版上修改。")


class CodeTaken(InvalidInput):
    """Two templates of one pool cannot be called by one short code."""

    code = "template.code_taken"
    message = _n("短码“%(code)s”已用于另一个模板，请换一个。")


@racing("orders.write_template")
@transaction.atomic
def write_template(
    *,
    service_code: str,
    given: TemplateText,
    actor: Actor,
    template_id: UUID | None = None,
    base: int = 0,
    shared: bool = False,
) -> TextTemplate:
    """A new template (one's own; with ``shared`` the centre's, by its head, or for a request one's department's), or the next version of one;
    ``base`` is the version that was on the page. What took in an earlier version keeps its words."""
    _check(service_code, given)
    row = _locked(template_id) if template_id else _begun(service_code, given, actor, shared)
    if template_id and not rules.may_write(row, actor):
        raise Forbidden(_may_write(row))
    if template_id and base != row.versions_count:
        raise TemplateChanged(n=row.versions_count)
    row.title, row.short_code, row.initials = given.title.strip(), given.short_code, initials(given.title)[:60]
    row.versions_count += 1
    _kept(row, new=template_id is None, shared=shared, actor=actor)
    TextTemplateVersion.objects.create(
        template=row, number=row.versions_count, sections={c: t for c, t in given.sections.items() if t.strip()},
        groups=sorted(given.groups), parts=sorted(given.parts), positive=given.positive, by_name=actor.name, title=row.title,
        request=asdict(given.request) if given.request else {},
    )  # fmt: skip
    return row


@transaction.atomic
def move_template(*, template_id: UUID, action: str, actor: Actor, reason: str = "") -> TextTemplate:
    """Propose to the centre, share, give to colleagues, decline, retire, restore: one step of the template's table."""
    row = TextTemplate.objects.filter(pk=template_id).first()
    if row is None:
        raise NotFound(_("没有这个模板。"))
    if action in ("share", "restore", "restore_shared") and row.short_code:
        _free(row, "centre" if action != "restore" else "own")
    row = states.transition(TEMPLATE, row, action, actor=actor, reason=reason)
    key = f"{SHARE}:{row.pk}"
    if action == "propose":
        tasks.open_task(
            key=key, kind=SHARE, title=_("共享报告模板：%(title)s") % {"title": row.title}, institution_id=row.institution_id,
            role=service(row.service).review_role, url=reverse("orders:template", args=[row.pk]), subject=("text_template", row.pk),
        )  # fmt: skip
    else:
        tasks.resolve_task(key=key, actor=actor, note=reason)
    return row


@transaction.atomic
def import_templates(*, service_code: str, content: bytes, actor: Actor) -> tuple[int, int]:
    """Take a file's templates as one's own: all or none. One of the same title becomes its next version. Returns (new, new versions)."""
    found, made = rules.from_file(content, service_code), [0, 0]
    for one in found:
        before = TextTemplate.objects.filter(
            kind="report", service=service_code, owner_id=actor.staff_id, state="own", title=one.title.strip()
        ).first()
        code = one.code if rules.CODE.fullmatch(one.code) else ""
        text = TemplateText(
            one.title, before.short_code if before else _unused(code, service_code, actor),
            one.texts(), frozenset(one.groups), frozenset(one.parts), one.positive,
        )  # fmt: skip
        write_template(
            service_code=service_code, given=text, actor=actor, template_id=before.pk if before else None,
            base=before.versions_count if before else 0,
        )  # fmt: skip
        made[before is not None] += 1
    return made[0], made[1]


def note_uses(report: Report, taken: Sequence[str]) -> None:
    """Inside the signature: which versions of which templates the report began with."""
    pairs = dict(one.rsplit("@", 1) for one in taken if "@" in one)
    TextTemplateUse.objects.bulk_create(
        [TextTemplateUse(report=report, service=report.service, key=key[:60], version=version[:20]) for key, version in pairs.items()],
        ignore_conflicts=True,
    )  # fmt: skip


def note_request_uses(order: Order, taken: Sequence[str], actor: Actor) -> None:
    """While an order is placed: which versions of which templates its request began with, under their titles of that version. What the actor may not
    use, or a version that never was, is not noted."""
    if not taken:
        return
    offered = {one.key: one for one in queries.templates_for(order.service, actor, kind="request")}
    found: dict[str, TextTemplateUse] = {}
    for key, version in (one.rsplit("@", 1) for one in taken if "@" in one):
        if (one := offered.get(key)) and (title := queries.title_then(one, version)):
            found[key] = TextTemplateUse(order=order, service=order.service, key=key, version=version, title=title)
    TextTemplateUse.objects.bulk_create(found.values())


def _begun(service_code: str, given: TemplateText, actor: Actor, shared: bool) -> TextTemplate:
    rights, request = service(service_code).rights, given.request is not None
    needed = rights.request if request else rights.review if shared else rights.report
    if actor.institution_id is None or actor.staff_id is None or not actor.has(needed):
        raise Forbidden(
            _("申请模板由可开这项申请的医师建立。") if request else _("报告模板由诊断中心的医师建立；中心模板由有审核权的医师建立。")
        )  # fmt: skip
    return TextTemplate(
        kind="request" if request else "report", service=service_code, institution_id=actor.institution_id, owner_id=actor.staff_id,
        department_id=actor.department_id if request else None,
    )  # fmt: skip


def _may_write(row: TextTemplate) -> str:
    if row.kind == "request":
        return _("个人模板由本人修改，共享的模板由同科室（没有科室的，同机构）可开这项申请的医师修改。")
    return _("个人模板由本人修改，中心模板由有审核权的医师修改。")


def _kept(row: TextTemplate, *, new: bool, shared: bool, actor: Actor) -> None:
    try:
        with transaction.atomic():
            if new:
                states.start(TEMPLATE, row, "centre" if shared else "own", actor=actor)
            else:
                row.save(update_fields=["title", "short_code", "initials", "versions_count"])
    except IntegrityError:
        raise CodeTaken(errors={"short_code": CodeTaken.message % {"code": row.short_code}}) from None


def _locked(template_id: UUID) -> TextTemplate:
    row = TextTemplate.objects.select_for_update().filter(pk=template_id).first()
    if row is None:
        raise NotFound(_("没有这个模板。"))
    return row


def _free(row: TextTemplate, state: str) -> None:
    """Nobody else's short code in the pool that the template comes into."""
    others = TextTemplate.objects.exclude(pk=row.pk).filter(service=row.service, short_code=row.short_code)
    pool = (
        others.filter(institution=row.institution_id, state="centre")
        if state == "centre"
        else others.filter(owner=row.owner_id, state__in=("own", "proposed"))
    )
    if row.short_code and pool.exists():
        raise Conflict(_("短码“%(code)s”已用于另一个模板，请先修改短码。") % {"code": row.short_code})


def _unused(code: str, service_code: str, actor: Actor) -> str:
    taken = TextTemplate.objects.filter(
        service=service_code, owner_id=actor.staff_id, short_code=code, state__in=("own", "proposed")
    )
    return "" if taken.exists() else code


def _check(service_code: str, given: TemplateText) -> None:
    definition = service(service_code)
    errors = {}
    if not 1 <= len(given.title.strip()) <= 60:
        errors["title"] = _("请填写标题，最多 60 个字。")
    if given.request is not None:
        errors |= _wrong_request(definition, given.request)
        known, first = set(TEXTS), "purpose"
    else:
        known = {s.code for s in definition.sections if not s.columns and not s.is_number} | {"impression"}
        first = "impression"
    if given.short_code and not rules.CODE.fullmatch(given.short_code):
        errors["short_code"] = _("短码用小写字母、数字和连字符，最多 20 位，例如 xbzc。")
    if not any(text.strip() for text in given.sections.values()) and first not in errors:
        errors[first] = _("请至少填写一段文字。")
    if any(len(text) > rules.LONGEST for text in given.sections.values()):
        errors[first] = _("每段最多 %(n)s 个字。") % {"n": rules.LONGEST}
    if unknown := set(given.sections) - known:
        errors[first] = _("没有这些部分：%(names)s。") % {"names": "、".join(sorted(unknown))}
    if errors:
        raise InvalidInput(errors=errors)


def _wrong_request(definition: ServiceDefinition, given: RequestPart) -> dict[str, str]:
    """What is wrong with the items, priority, specimens, choices and pieces of a request template, by field."""
    known, asked, errors = {item.code for item in definition.catalogue()}, definition.asked, {}
    if not given.items or (asked.one_item and len(given.items) > 1) or len(given.items) > MOST_ITEMS:
        errors["items"] = _("请选择 1 到 %(n)s 个项目。") % {"n": 1 if asked.one_item else MOST_ITEMS}
    elif gone := [code for code in given.items if code not in known]:
        errors["items"] = _("目录中没有这些项目：%(codes)s，请去掉。") % {"codes": "、".join(gone)}
    if given.priority not in ("", *PRIORITIES):
        errors["priority"] = _("请选择“平”或“急”，或不设。")
    if given.samples and (
        asked.samples is None or len(given.samples) > MOST_ITEMS or max(map(len, given.samples)) > 80
    ):
        errors["samples"] = _("标本每行一个，最多 %(n)s 个，每个最多 80 个字。") % {"n": MOST_ITEMS}
    offered = asked.choices()
    for name, value in given.choices.items():
        if name not in offered or value not in offered[name][1]:
            errors[f"c_{name}"] = _("请从列表中选择。")
    if set(given.pieces) - set(asked.pieces()):
        errors["pieces"] = _("请从列表中选择。")
    return errors
