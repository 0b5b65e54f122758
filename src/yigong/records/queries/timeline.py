"""One timeline over all kinds of entries, newest first, by keyset: each kind gives its newest few from an index."""

import base64
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yigong.core import statements
from yigong.core.errors import InvalidInput
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.records import rules
from yigong.records.data import DOCUMENT_KINDS, NewLine, Timeline, TimelineItem
from yigong.records.models import Allergy, Condition, Document, Encounter, Prescription, Procedure, ResultGroup
from yigong.records.queries import entries

KINDS = {
    "encounter": gettext_noop("就诊"),
    "condition": gettext_noop("诊断"),
    "result": gettext_noop("结果"),
    "prescription": gettext_noop("用药"),
    "document": gettext_noop("文书"),
    "procedure": gettext_noop("操作"),
    "allergy": gettext_noop("过敏"),
}
_TABLES: dict[str, Any] = {
    "encounter": Encounter,
    "condition": Condition,
    "result": ResultGroup,
    "prescription": Prescription,
    "document": Document,
    "procedure": Procedure,
    "allergy": Allergy,
}
# What an encounter's own row tells anyway is not repeated beside it when all kinds are shown.
_TOLD_BY_ENCOUNTER = {
    "condition": "and encounter_id is null",
    "prescription": "and encounter_id is null",
    "procedure": "and encounter_id is null",
    "result": "and not (encounter_id is not null and category = 'vital')",
}
_PLACED = {"encounter", "result", "document"}
_ALWAYS = {"document": "and status in ('final', 'void')"}


def timeline_of(
    resident_id: UUID,
    *,
    kinds: Collection[str] | None = None,
    institution_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str = "",
    limit: int = 50,
) -> Timeline:
    """A stretch of one person's timeline; the decision is made by the door (``api.timeline``)."""
    wanted = [k for k in KINDS if not kinds or k in kinds]
    keys = list(entries.keys_of(resident_id))
    values = {"keys": keys, "limit": limit + 1, "institution": institution_id, "since": since, "until": until}
    rows = _run(wanted, values, before, brief=not kinds)
    shown = rows[:limit]
    cursor = _cursor(shown[-1][2], shown[-1][1]) if len(rows) > limit else ""
    counts, places = _counts(keys)
    items, names = _items(shown, counts, places)
    return Timeline(
        tuple(items), cursor, counts, tuple(sorted(((p, names[p].name) for p in places), key=lambda p: p[1]))
    )


def entries_named(resident_id: UUID, wanted: Collection[tuple[str, UUID]]) -> list[TimelineItem]:
    """These entries of one person (kind, key), newest first; what is not his is left out. The decision is made by the door."""
    keys, rows = list(entries.keys_of(resident_id)), []
    for kind in dict.fromkeys(kind for kind, _key in wanted if kind in _TABLES):
        found = _TABLES[kind].objects.filter(pk__in=[key for k, key in wanted if k == kind], resident_id__in=keys)
        rows += [(kind, key, at) for key, at in found.values_list("pk", "occurred_at")]
    rows.sort(key=lambda row: (row[2], row[1]), reverse=True)
    return _items(rows, dict.fromkeys(_TABLES, 1), set())[0]


def _run(wanted: list[str], values: dict[str, Any], before: str, brief: bool) -> list[tuple[str, UUID, datetime]]:
    where = "resident_id = any(%(keys)s)"
    where += " and institution_id = %(institution)s" if values["institution"] else ""
    where += " and occurred_at >= %(since)s" if values["since"] else ""
    where += " and occurred_at < %(until)s" if values["until"] else ""
    if before:
        values["at"], values["id"] = _position(before)
        where += " and (occurred_at, id) < (%(at)s, %(id)s)"
    parts = [
        f"(select '{kind}' as kind, id, occurred_at from {_TABLES[kind]._meta.db_table} where {where} "
        f"{_TOLD_BY_ENCOUNTER.get(kind, '') if brief else ''} {_ALWAYS.get(kind, '')} "
        "order by occurred_at desc, id desc limit %(limit)s)"
        for kind in wanted
    ]
    sql = "select * from (" + " union all ".join(parts) + ") t order by occurred_at desc, id desc limit %(limit)s"
    return statements.fetch(sql, values)


# How many entries of each kind, and where they were written.
_COUNTED = " union all ".join(
    f"select '{kind}', institution_id, count(*) filter (where {_ALWAYS.get(kind, 'and true')[4:]}) from {model._meta.db_table} "
    "where resident_id = any(%(keys)s) group by 2"
    for kind, model in _TABLES.items()
)


def _counts(keys: list[UUID]) -> tuple[dict[str, int], set[UUID]]:
    counts = dict.fromkeys(_TABLES, 0)
    places = set()
    for kind, institution_id, count in statements.fetch(_COUNTED, {"keys": keys}):
        counts[kind] += count
        if kind in _PLACED:
            places.add(institution_id)
    return counts, places


def _cursor(at: datetime, key: UUID) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{key}".encode()).decode().rstrip("=")


def _position(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, key = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
        return datetime.fromisoformat(at), UUID(key)
    except ValueError as broken:
        raise InvalidInput(_("网址中的翻页位置不完整，请从时间轴第一页重新打开。")) from broken


def _items(
    rows: list[tuple[str, UUID, datetime]], counts: Mapping[str, int], everywhere: set[UUID]
) -> tuple[list[TimelineItem], Mapping[UUID, InstitutionData]]:
    found: dict[UUID, TimelineItem] = {}
    places: dict[UUID, tuple[UUID, UUID | None]] = {}
    for kind in dict.fromkeys(kind for kind, _key, _at in rows):
        ids = [key for k, key, _at in rows if k == kind]
        objects = statements.objects(_TABLES[kind], "where id = any(%(ids)s)", {"ids": ids})
        places |= {o.id: (o.institution_id, o.staff_id) for o in objects}
        for item in _encounters(objects, counts) if kind == "encounter" else _SHOW[kind](objects):
            found[item.id] = item
    institutions = network.institutions(everywhere | {place for place, _staff in places.values()})
    staff = network.staff_many({person for _place, person in places.values() if person})
    return [_named(found[key], places[key], institutions, staff) for _kind, key, _at in rows], institutions


def _named(item: TimelineItem, place: tuple[UUID, UUID | None], institutions: Any, staff: Any) -> TimelineItem:
    where, who = institutions.get(place[0]), staff.get(place[1])
    return replace(
        item,
        institution_name=(where.short_name or where.name) if where else "",
        staff_name=item.staff_name or (who.name if who else ""),
    )


def _item(kind: str, row: Any, title: str, **values: Any) -> TimelineItem:
    return TimelineItem(
        kind,
        _(KINDS[kind]),
        row.id,
        row.occurred_at,
        title,
        row.institution_id,
        "",
        values.pop("staff_name", ""),
        **values,
    )


# What encounters say of themselves: (encounter, kind, text), the main diagnosis first.
_SAID = """
select encounter_id, 'condition', text from (
    select encounter_id, text from records_condition
    where encounter_id = any(%(ids)s) and status <> 'wrong' order by is_primary desc, id
) c
union all select encounter_id, 'procedure', text from (
    select encounter_id, text from records_procedure
    where resident_id = any(%(residents)s) and encounter_id = any(%(ids)s) order by id
) p
"""
_MEDICINES = """
select p.encounter_id, l.name, l.code, l.form, l.dose, l.route, l.frequency, l.days, l.quantity, l.unit
from records_prescription p join records_prescriptionline l on l.prescription_id = p.id
where p.encounter_id = any(%(ids)s) and p.is_active order by p.occurred_at, p.id, l.place
"""


def _encounters(rows: list[Encounter], counts: Mapping[str, int]) -> list[TimelineItem]:
    """The contacts with what was said, given and done in them; what this person has none of is not asked for."""
    values = {"ids": [e.id for e in rows], "residents": list({e.resident_id for e in rows})}
    said: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    if counts["condition"] or counts["procedure"]:
        for key, kind, text in statements.fetch(_SAID, values):
            said[key, kind].append(text)
    if counts["prescription"]:
        for key, *line in statements.fetch(_MEDICINES, values):
            said[key, "prescription"].append(rules.line_text(NewLine(*line)))
    measured = _vitals_of(values["ids"]) if counts["result"] else {}
    return [
        _encounter(
            e, said[e.id, "condition"], said[e.id, "prescription"], said[e.id, "procedure"], measured.get(e.id, ())
        )
        for e in rows
    ]


def _vitals_of(ids: list[UUID]) -> dict[UUID, tuple]:
    sql = "select id, encounter_id from records_resultgroup where encounter_id = any(%(ids)s) and category = 'vital'"
    groups: dict[UUID, UUID] = dict(statements.fetch(sql, {"ids": ids}))
    return {groups[key]: tuple(values) for key, values in entries.values_of(groups).items()}


def _encounter(e: Encounter, said: list[str], taken: list[str], done: list[str], measured: tuple) -> TimelineItem:
    label = _(str(Encounter.Kind(e.kind).label))
    lines = [
        text
        for holds, text in (
            (e.complaint, _("主诉：%(text)s") % {"text": e.complaint}),
            (taken, _("用药：%(text)s") % {"text": "；".join(taken)}),
            (done, _("操作：%(text)s") % {"text": "；".join(done)}),
            (e.advice, _("建议：%(text)s") % {"text": e.advice}),
        )
        if holds
    ]
    tags = [] if e.status == "finished" else [_(str(Encounter.Status(e.status).label))]
    tags += [_("系统自动登记")] if e.is_automatic else []
    title = f"{label} · {'；'.join(said)}" if said else label
    tone = "muted" if e.status == "cancelled" else ""
    return _item("encounter", e, title, lines=tuple(lines), results=measured, tags=tuple(tags), tone=tone)


def _conditions(rows: list[Condition]) -> list[TimelineItem]:
    return [
        _item(
            "condition", c, " ".join(filter(None, (c.text, c.code))),
            tags=tuple(t for t in (_("慢性") if c.is_lasting else "", "" if c.status == "active" else _(str(Condition.Status(c.status).label))) if t),
            tone="" if c.status != "wrong" else "muted",
        )
        for c in rows
    ]  # fmt: skip


def _allergies(rows: list[Allergy]) -> list[TimelineItem]:
    data = [(a, entries.allergy_data(a)) for a in rows]
    return [
        _item(
            "allergy", a, _("%(category)s过敏：%(substance)s") % {"category": d.category_label, "substance": d.substance},
            lines=tuple(filter(None, (d.reaction, a.ended_reason))), tags=(d.severity_label if d.is_active else _("已取消"),),
            tone="danger" if d.is_active else "muted",
        )
        for a, d in data
    ]  # fmt: skip


def _results(rows: list[ResultGroup]) -> list[TimelineItem]:
    values = entries.values_of([g.id for g in rows])
    tones = {"HH": "danger", "LL": "danger", "H": "warning", "L": "warning", "A": "warning"}
    return [
        _item(
            "result",
            g,
            g.title,
            results=tuple(values[g.id]),
            tone=tones.get(g.worst_flag, ""),
            url_name="records:results",
        )
        for g in rows
    ]


def _prescriptions(rows: list[Prescription]) -> list[TimelineItem]:
    return [
        _item(
            "prescription", p, _(str(Prescription.Kind(p.kind).label)) + _("处方"), lines=data.texts,
            tags=() if p.is_active else (_("已作废"),), tone="" if p.is_active else "muted",
        )
        for p, data in zip(rows, entries.prescriptions(rows), strict=True)
    ]  # fmt: skip


def _procedures(rows: list[Procedure]) -> list[TimelineItem]:
    return [
        _item("procedure", p, " ".join(filter(None, (p.text, p.code))), lines=(p.note,) if p.note else ()) for p in rows
    ]


def _documents(rows: list[Document]) -> list[TimelineItem]:
    items = []
    for d in rows:
        tags = [_("第 %(n)s 版") % {"n": d.version}] if d.version > 1 else []
        tags += [_("已作废")] if d.status == "void" else []
        title = d.title if d.kind not in DOCUMENT_KINDS or d.title else _(DOCUMENT_KINDS[d.kind])
        first = d.text.strip().splitlines()[:2]
        items.append(
            _item(
                "document", d, title, lines=tuple(line[:160] for line in first), tags=tuple(tags), url_name="records:document",
                tone="muted" if d.status == "void" else "", staff_name=d.author_name, code=d.kind,
            )
        )  # fmt: skip
    return items


_SHOW: dict[str, Callable[[list[Any]], list[TimelineItem]]] = {
    "condition": _conditions,
    "result": _results,
    "prescription": _prescriptions,
    "document": _documents,
    "procedure": _procedures,
    "allergy": _allergies,
}
