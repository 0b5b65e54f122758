"""Long work: checking a month, exporting a period, comparing two schemes."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import DomainError
from yigong.core.jobs.api import JobData, actor_of, job_kind, progress, start_job, store_result
from yigong.insurance.claims import groupers
from yigong.insurance.claims.commands.listing import check_list
from yigong.insurance.claims.gateway import written
from yigong.insurance.claims.models import Comparison, ComparisonRow, SettlementList
from yigong.insurance.claims.rules.definitions import NODES, fields
from yigong.insurance.grouping.api import Case, Grouped

STEP = 20


def start_month_check(month: date, actor: Actor) -> JobData:
    """Check every list of a month that has not gone out, of the actor's institutions."""
    return start_job("claims.check_month", f"校验 {month:%Y-%m} 的结算清单", actor, month=month.isoformat())


@job_kind("claims.check_month")
def check_month(job: JobData, *, month: str) -> None:
    """One list after the other, each in its own transaction, so that one fault costs one list; the result says how each went."""
    actor = actor_of(job.id)
    rows = SettlementList.objects.filter(
        month=date.fromisoformat(month), institution_id__in=actor.institution_ids, state__in=["draft", "checked"]
    ).order_by("number")
    keys = list(rows.values_list("id", "number", "patient_name"))
    lines = [["清单号", "患者", "结果", "强制", "提示"]]
    for place, (key, number, name) in enumerate(keys, 1):
        try:
            row = check_list(list_id=key, actor=actor)
            lines.append(
                [number, name, "通过" if row.state == "checked" else "未通过", str(row.blocks), str(row.warns)]
            )
        except DomainError as refusal:
            lines.append([number, name, str(refusal), "", ""])
        if place % STEP == 0 or place == len(keys):
            progress(job.id, place, len(keys), f"已校验 {place} 份")
    store_result(job.id, f"结算清单校验-{month[:7]}.csv", _csv(lines))


def start_export(month: date, actor: Actor) -> JobData:
    """Export the lists of a month that went out, for hand-over."""
    return start_job("claims.export", f"导出 {month:%Y-%m} 的结算清单", actor, month=month.isoformat())


@job_kind("claims.export")
def export(job: JobData, *, month: str) -> None:
    """A zip with one JSON file of all lists by the interface's nodes and one CSV per node. Numbers of documents stay masked in files."""
    actor = actor_of(job.id)
    rows = SettlementList.objects.filter(
        month=date.fromisoformat(month),
        institution_id__in=actor.institution_ids,
        state__in=["uploaded", "accepted", "appealing", "decided"],
    ).order_by("number")
    sent = [(row.number, written(row.content, {})) for row in rows.iterator(chunk_size=200)]
    progress(job.id, len(sent), len(sent), f"已导出 {len(sent)} 份")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lists.json", json.dumps([{"number": n} | v for n, v in sent], ensure_ascii=False, indent=1))
        for node in NODES:
            archive.writestr(f"{node}.csv", _csv(_node(node, sent)))
    store_result(job.id, f"结算清单-{month[:7]}.zip", target.getvalue())


def _node(node: str, sent: list[tuple[str, dict[str, Any]]]) -> list[list[str]]:
    names = [field.field for field in fields(node)]
    lines = [["number", *names]]
    for number, values in sent:
        rows = values.get(node, [])
        every = [rows] if isinstance(rows, dict) else rows
        lines += [[number, *(str(row.get(name, "")) for name in names)] for row in every]
    return lines


def _csv(lines: list[list[str]]) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows(lines)
    return target.getvalue().encode("utf-8-sig")


@transaction.atomic
def start_comparison(year: int, one: str, other: str, actor: Actor) -> Comparison:
    """Group all cases of a year by two schemes and keep those whose group changes."""
    row = Comparison.objects.create(
        year=year, one=one, other=other, institution_ids=sorted(map(str, actor.institution_ids)), made_by=actor.name,
        made_by_id=actor.staff_id, institution_id=actor.institution_id,
    )  # fmt: skip
    title = f"比较分组方案：{year} 年病例"
    row.job_id = start_job("claims.compare", title, actor, comparison_id=str(row.id)).id
    row.save(update_fields=["job_id"])
    return row


@job_kind("claims.compare")
def compare(job: JobData, *, comparison_id: str) -> None:
    """Both groupers run over the cases as streams; only changed ones are kept. A repetition begins anew."""
    row = Comparison.objects.get(pk=UUID(comparison_id))
    wanted = SettlementList.objects.filter(
        settled_on__year=row.year,
        institution_id__in=row.institution_ids,
        state__in=["draft", "checked", "uploaded", "accepted", "rejected", "appealing", "decided"],
    ).order_by("id")
    total = wanted.count()
    one, other = groupers.grouper(row.one), groupers.grouper(row.other)
    changed: list[ComparisonRow] = []
    cases = 0
    for batch in _batches(wanted.values_list("id", "content", "total").iterator(chunk_size=500), 500):
        answers = [
            list(engine.group_many([case_of_content(content, fen) for _id, content, fen in batch]))
            for engine in (one, other)
        ]
        changed += [
            _changed(row, key, before, after)
            for (key, _c, _t), before, after in zip(batch, *answers, strict=True)
            if before.drg != after.drg
        ]
        cases += len(batch)
        progress(job.id, cases, total, f"{cases} 例中 {len(changed)} 例变组")
    with transaction.atomic():
        row.rows.all().delete()
        ComparisonRow.objects.bulk_create(changed, batch_size=1000)
        row.cases, row.changed, row.done_at = cases, len(changed), clock.now()
        row.save(update_fields=["cases", "changed", "done_at"])
    store_result(job.id, f"分组比较-{row.year}.csv", comparison_csv(row))


def case_of_content(content: dict[str, Any], fen: int) -> Case:
    """The grouper's case of a list."""
    head = content["setlinfo"]
    sex = str(head.get("gend") or "")
    return Case(
        sex=int(sex) if sex.isdigit() else None, age=0 if head.get("nwb_age") is not None else head.get("age"), age_days=head.get("nwb_age"),
        diagnoses=tuple(one["diag_code"] for one in content["diseinfo"]),
        procedures=tuple(one["oprn_oprt_code"] for one in content["oprninfo"]), birth_weight=head.get("nwb_bir_wt"),
        los=head.get("act_ipt_days"), leaving=str(head.get("dscg_way") or ""), amount=fen / 100,
    )  # fmt: skip


def _changed(row: Comparison, key: UUID, before: Grouped, after: Grouped) -> ComparisonRow:
    return ComparisonRow(
        of=row, list_id=key, before=before.drg, before_name=before.name[:120], before_weight=before.weight, after=after.drg,
        after_name=after.name[:120], after_weight=after.weight,
    )  # fmt: skip


def _batches(rows: Iterator[Any], size: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def comparison_csv(row: Comparison) -> bytes:
    """The changed cases as a file."""
    lines = [["清单号", "主要诊断", "原分组", "原权重", "新分组", "新权重"]]
    for one in row.rows.select_related("list").order_by("id").iterator(chunk_size=500):
        main = f"{one.list.main_code} {one.list.main_name}"
        weights = [str(w) if w is not None else "" for w in (one.before_weight, one.after_weight)]
        lines.append(
            [
                one.list.number,
                main,
                f"{one.before} {one.before_name}",
                weights[0],
                f"{one.after} {one.after_name}",
                weights[1],
            ]
        )
    return _csv(lines)
