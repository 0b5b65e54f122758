"""The grouper in force: an imported scheme first, else the packs' schedule. Loaded once per process."""

import io
import shutil
import tempfile
import zipfile
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.packs.api import ROOT
from yigong.insurance.grouping.api import Grouper, SchemeNotFound, Schemes, load_scheme, schemes

PACK = "pack:"


@lru_cache(maxsize=1)
def pack_schemes() -> Schemes:
    """The schemes that come with the packs."""
    return schemes(ROOT / "demo" / "grouping")


def name_for(region: str, on: date) -> str:
    """The scheme of a region on a day, by name: the key of an imported release, or ``pack:`` and a folder. SchemeNotFound."""
    from yigong.insurance.claims.models import SchemeInForce

    lines = SchemeInForce.objects.filter(valid_from__lte=on).exclude(valid_to__lt=on).values_list("region", "scheme_id")
    fitting = [(len(begin), str(key)) for begin, key in lines if region.startswith(begin)]
    return max(fitting)[1] if fitting else PACK + pack_schemes().name_for(region=region, on=on)


def grouper(name: str) -> Grouper:
    """The grouper of a scheme by the name of ``name_for``."""
    return _loaded(name)


def title(name: str) -> str:
    """What people call the scheme."""
    if name.startswith(PACK):
        return grouper(name).scheme.name
    from yigong.insurance.claims.models import SchemeVersion

    row = SchemeVersion.objects.defer("content").filter(pk=name).first()
    return f"{row.title} {row.release}" if row else name


def known() -> list[tuple[str, str]]:
    """Names and titles of all schemes there are."""
    from yigong.insurance.claims.models import SchemeVersion

    imported = SchemeVersion.objects.defer("content").order_by("code", "-imported_at")
    packs = [(PACK + name, grouper(PACK + name).scheme.name) for name in pack_schemes().names]
    return packs + [(str(row.id), f"{row.title} {row.release}") for row in imported]


@lru_cache(maxsize=8)
def _loaded(name: str) -> Grouper:
    if name.startswith(PACK):
        return pack_schemes().grouper(name.removeprefix(PACK))
    from yigong.insurance.claims.models import SchemeVersion

    try:
        row = SchemeVersion.objects.filter(pk=UUID(name)).first()
    except ValueError:
        row = None
    if row is None:
        raise SchemeNotFound(_("没有名为“%(name)s”的分组方案") % {"name": name})
    folder = Path(tempfile.mkdtemp(prefix="yigong-scheme-"))
    try:
        unpack(bytes(row.content), folder)
        loaded = Grouper(load_scheme(folder))
        # Names are read from the folder when first asked for; ask before it goes.
        _names = loaded.scheme.diagnosis_names, loaded.scheme.procedure_names
        return loaded
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unpack(content: bytes, folder: Path) -> None:
    """Write the files of a kept scheme flat into a folder (their names were checked at the import)."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            (folder / Path(name).name).write_bytes(archive.read(name))
