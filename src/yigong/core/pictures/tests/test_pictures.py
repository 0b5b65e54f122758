"""Pictures: read, turned upright, written anew, kept once; what is none is refused with the remedy."""

from base64 import b64encode
from io import BytesIO

import pytest
from django.db import Error, transaction
from PIL import Image

from yigong.core.errors import InvalidInput, NotFound
from yigong.core.packs import api as packs
from yigong.core.pictures import api
from yigong.core.pictures.models import Picture
from yigong.core.testing import race


def photo(size: tuple[int, int] = (2400, 1200), colour: str = "#3a7d44", kind: str = "JPEG", **more: object) -> bytes:
    """A picture as a file."""
    out = BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, colour).save(out, kind, **more)
    return out.getvalue()


@pytest.mark.django_db
def test_kept_once_upright_and_without_where_it_was_taken() -> None:
    """Reduced to the longer side of its use; turned as the camera says; no device, no place in it; the same again is the same row."""
    marked = Image.Exif()
    marked[0x0112], marked[0x010F] = 6, "PHONE"  # turned by 90 degrees; the maker
    given = photo(exif=marked)
    kept = api.keep(given, use="sites")
    assert (kept.width, kept.height) == (800, 1600)
    jpeg = api.content(kept.digest)
    assert jpeg[:2] == b"\xff\xd8" and b"PHONE" not in jpeg and not Image.open(BytesIO(jpeg)).getexif()
    assert api.keep(given, use="sites") == kept and Picture.objects.count() == 1
    assert api.answer(kept.digest)["Cache-Control"] == "private, no-store"
    with pytest.raises(Error), transaction.atomic():
        Picture.objects.update(width=1)
    with pytest.raises(NotFound):
        api.content("0" * 64)


@pytest.mark.django_db
def test_a_signature_is_drawn_on_white() -> None:
    """What a canvas sends; nothing drawn is no signature; half an address is asked for again."""
    text = "data:image/png;base64," + b64encode(photo((600, 180), "#00000000", "PNG")).decode()
    kept = api.drawn(text, use="signature")
    assert kept is not None and Image.open(BytesIO(api.content(kept.digest))).getpixel((5, 5)) == (255, 255, 255)
    assert api.drawn("  ", use="signature") is None
    for wrong in (text[:-3] + "?", "javascript:1", "data:image/png;base64," + b64encode(b"<svg/>").decode()):
        with pytest.raises(InvalidInput) as told:
            api.drawn(wrong, use="signature")
        assert list(told.value.errors) == ["signature"]


@pytest.mark.django_db
@pytest.mark.parametrize("given", [b"<svg/>", b"", photo()[:200], b"%PDF-1.4"])
def test_no_picture(given: bytes) -> None:
    """Refused at the field, with what may be sent."""
    with pytest.raises(InvalidInput) as told:
        api.keep(given, use="sites", field="photos")
    assert "JPEG" in told.value.errors["photos"] and not Picture.objects.exists()


@pytest.mark.django_db
def test_too_large() -> None:
    """The limit of the use is named; one megabyte and one byte is refused for a signature, a megabyte of no picture for another reason."""
    most = api.limits("signature").largest_mb * 1_000_000
    with pytest.raises(InvalidInput) as told:
        api.keep(b"x" * (most + 1), use="signature")
    assert "最大 1 MB" in told.value.errors["picture"]
    with pytest.raises(InvalidInput) as told:
        api.keep(b"x" * most, use="signature")
    assert "最大" not in told.value.errors["picture"]
    with pytest.raises(NotFound):
        api.limits("nothing")


def test_the_definition_holds() -> None:
    """Every use has limits that can be met."""
    uses = packs.current(api.USES, "pictures").uses
    print(f"\n{len(uses)} uses of pictures")
    assert len(uses) >= 3 and all(1 <= u.quality <= 95 and u.widest >= 400 and u.most >= 1 for u in uses)


@pytest.mark.django_db(transaction=True)
def test_two_keep_the_same_at_once(transactional_db: None) -> None:
    """One row, both have its key."""
    given = photo((300, 300))
    one, other = race(lambda: api.keep(given, use="sites"), lambda: api.keep(given, use="sites"))
    assert one == other and Picture.objects.count() == 1
