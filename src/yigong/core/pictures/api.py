"""The door of the pictures: ``kept = keep(file.read(), use="sites")``, then a row of the room's own that names ``kept.digest``."""

from base64 import b64decode
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from io import BytesIO

import msgspec
from django.http import HttpResponse
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from yigong.core.errors import InvalidInput, NotFound
from yigong.core.packs.api import Kind, current, register
from yigong.core.pictures.models import Picture

__all__ = ["Kept", "Limits", "answer", "content", "contents", "drawn", "keep", "limits"]

_FORMATS = ["JPEG", "PNG", "TIFF", "BMP", "WEBP"]
_DATA = "data:image/png;base64,"


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How large a picture of one use may come and how large it is kept: ``largest_mb`` of the file that is sent, ``widest`` pixels of the longer
    side, JPEG ``quality`` from 1 to 95, ``most`` pictures of one thing."""

    code: str
    widest: int = 1600
    quality: int = 85
    largest_mb: int = 12
    most: int = 12


class Uses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The uses of pictures with their limits (``packs/*/pictures.toml``)."""

    code: str
    version: str
    effective_from: date
    title: str
    uses: list[Limits]
    source: str = ""


USES: Kind[Uses] = register(Kind("pictures", "pictures.toml", Uses))


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that is kept: its key and its size in pixels."""

    digest: str
    width: int
    height: int


def limits(use: str) -> Limits:
    """The limits of one use."""
    found = next((u for u in current(USES, "pictures").uses if u.code == use), None)
    if found is None:
        raise NotFound(_("没有图片用途“%(use)s”。") % {"use": use})
    return found


def keep(given: bytes, *, use: str, field: str = "picture") -> Kept:
    """Read, turn upright and write anew as JPEG, so that nothing but the picture is kept (no place, no device). The same picture twice is one.

    Too large or no picture: InvalidInput at ``field``.
    """
    bounds = limits(use)
    if len(given) > bounds.largest_mb * 1_000_000:
        raise InvalidInput(errors={field: _("图片太大，最大 %(n)s MB。") % {"n": bounds.largest_mb}})
    try:
        with Image.open(BytesIO(given), formats=_FORMATS) as opened:
            picture = _upright(opened)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise InvalidInput(errors={field: _("不是能读取的图片，请上传 JPEG、PNG、WebP、TIFF 或 BMP。")}) from None
    picture.thumbnail((bounds.widest, bounds.widest))
    out = BytesIO()
    picture.save(out, "JPEG", quality=bounds.quality)
    jpeg = out.getvalue()
    row = Picture(digest=sha256(jpeg).hexdigest(), content=jpeg, width=picture.width, height=picture.height)
    Picture.objects.bulk_create([row], ignore_conflicts=True)  # two who keep the same at once keep one
    return Kept(row.digest, row.width, row.height)


def _upright(opened: Image.Image) -> Image.Image:
    """The picture as it is looked at, on white where it lets light through."""
    turned = ImageOps.exif_transpose(opened)
    if turned.mode not in {"RGBA", "LA", "P"}:
        return turned.convert("RGB")
    layer = turned.convert("RGBA")
    ground = Image.new("RGB", layer.size, "white")
    ground.paste(layer, mask=layer.getchannel("A"))
    return ground


def drawn(text: str, *, use: str, field: str = "signature") -> Kept | None:
    """What was drawn on the screen (the data address of a canvas); None when nothing was drawn."""
    if not text.strip():
        return None
    try:
        if not text.startswith(_DATA):
            raise ValueError
        given = b64decode(text[len(_DATA) :], validate=True)
    except ValueError:
        raise InvalidInput(errors={field: _("签名没有传完整，请重新签名。")}) from None
    return keep(given, use=use, field=field)


def content(digest: str) -> bytes:
    """The bytes of a picture. Whether the actor may see it, the room that shows it has decided."""
    found = contents([digest])
    if digest not in found:
        raise NotFound(_("没有这张图片。"))
    return found[digest]


def contents(digests: Collection[str]) -> dict[str, bytes]:
    """The bytes of several, in one statement."""
    rows = Picture.objects.filter(pk__in=digests).values_list("digest", "content")
    return {digest: bytes(jpeg) for digest, jpeg in rows}


def answer(digest: str) -> HttpResponse:
    """The picture for a page; never kept by a shared cache."""
    response = HttpResponse(content(digest), content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = f'inline; filename="{digest[:12]}.jpg"'
    return response
