"""Grouping schemes: imported as handed over, kept for good, put in force by region and day."""

import hashlib
import io
import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.asked import DAMAGED_ZIP
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.insurance.claims import policies
from yigong.insurance.claims.errors import SchemeExists, SchemeOverlaps
from yigong.insurance.claims.models import SchemeInForce, SchemeVersion
from yigong.insurance.claims.rules.sheets import files_of_workbook
from yigong.insurance.grouping.api import load_scheme

MOST_BYTES = 60 * 1024 * 1024
FILES = frozenset(
    {
        "scheme.json", "mdc.json", "adrg.json", "drg.csv", "code_sets.csv", "valid_procedures.csv", "mcc.csv", "cc.csv", "exclusions.csv",
        "weights.csv", "icd10.csv", "icd9cm3.csv", "icd10_map.csv", "icd9cm3_map.csv",
    }
)  # fmt: skip


@racing("claims.import_scheme")
@transaction.atomic
def import_scheme(*, uploads: Sequence[tuple[str, bytes]], release: str, source: str, actor: Actor) -> SchemeVersion:
    """Check and keep a scheme: one zip, one workbook (a sheet per file), or the files of its folder.

    Nothing is kept when anything is wrong: SchemeInvalid lists every fault with file and line. The same content again is the same release;
    other content under a release that is there is refused with SchemeExists.
    """
    if not actor.has(policies.SCHEMES):
        raise Forbidden()
    if not release.strip():
        raise InvalidInput(errors={"release": _("请填写版本号，如 2026.1。")})
    files = _files(uploads)
    digest = hashlib.sha256(b"".join(name.encode() + b"\0" + files[name] for name in sorted(files))).hexdigest()
    if known := SchemeVersion.objects.filter(digest=digest).first():
        return known
    scheme = _loaded(files)
    refused = SchemeExists(code=scheme["code"], release=release.strip())
    with refusing(claims_scheme_release_once=refused, claims_schemeversion_digest_key=refused):
        return SchemeVersion.objects.create(
            **scheme, release=release.strip()[:20], digest=digest, content=_packed(files), source=source.strip()[:200],
            imported_by=actor.name,
        )  # fmt: skip


def _files(uploads: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    if sum(len(content) for _n, content in uploads) > MOST_BYTES:
        raise InvalidInput(errors={"package": _("文件太大，方案不应超过 60 MB。")})
    found: dict[str, bytes] = {}
    for name, content in uploads:
        if name.lower().endswith(".zip"):
            found |= _unzipped(content)
        elif name.lower().endswith(".xlsx"):
            found |= files_of_workbook(content)
        else:
            found[Path(name).name] = content
    known = {name: content for name, content in found.items() if name in FILES}
    if "scheme.json" not in known:
        raise InvalidInput(
            errors={"package": _("没有找到 scheme.json。请选择方案的 zip 文件、工作簿，或文件夹中的全部文件。")}
        )
    return known


def _unzipped(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [one for one in archive.infolist() if Path(one.filename).name in FILES]
            if sum(one.file_size for one in members) > MOST_BYTES:
                raise InvalidInput(errors={"package": _("压缩包解开后太大，方案不应超过 60 MB。")})
            return {Path(one.filename).name: archive.read(one) for one in members}
    except DAMAGED_ZIP:
        raise InvalidInput(errors={"package": _("压缩包无法打开，可能已损坏或加了密码。")}) from None


def _loaded(files: dict[str, bytes]) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="yigong-import-"))
    try:
        for name, content in files.items():
            (folder / name).write_bytes(content)
        scheme = load_scheme(folder)
        return {
            "code": scheme.id[:60], "title": scheme.name[:120], "warnings": [str(one) for one in scheme.warnings][:50],
            "counts": {"mdc": len(scheme.mdcs), "drg": len(scheme.drg_names), "weights": len(scheme.weights)},
        }  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _packed(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return target.getvalue()


@racing("claims.put_in_force")
@transaction.atomic
def put_in_force(
    *, scheme_id: UUID, region: str, valid_from: date, valid_to: date | None, actor: Actor
) -> SchemeInForce:
    """From when to when a scheme holds for a region; two for one region on one day are refused by the database."""
    if not actor.has(policies.SCHEMES):
        raise Forbidden()
    if not SchemeVersion.objects.filter(pk=scheme_id).exists():
        raise NotFound(_("没有找到这个方案。"))
    if region and not (region.isdigit() and len(region) in (2, 4, 6)):
        raise InvalidInput(errors={"region": _("地区填写行政区划代码的前 2、4 或 6 位，全国留空。")})
    if valid_to is not None and valid_to < valid_from:
        raise InvalidInput(errors={"valid_to": _("止期早于起期。")})
    with refusing(claims_one_scheme_a_day=SchemeOverlaps(region=region or "全国")):
        return SchemeInForce.objects.create(
            scheme_id=scheme_id, region=region, valid_from=valid_from, valid_to=valid_to, set_by=actor.name
        )


@transaction.atomic
def end_scheme(*, line_id: UUID, valid_to: date, actor: Actor) -> SchemeInForce:
    """Give a line that has none its last day, so that the next scheme can follow."""
    if not actor.has(policies.SCHEMES):
        raise Forbidden()
    line = SchemeInForce.objects.select_for_update().filter(pk=line_id).first()
    if line is None:
        raise NotFound(_("没有找到这一行。"))
    if line.valid_to is not None or valid_to < line.valid_from:
        raise InvalidInput(errors={"valid_to": _("止期已经定过，或早于起期。")})
    line.valid_to = valid_to
    line.save(update_fields=["valid_to"])
    return line
