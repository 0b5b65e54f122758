"""Chinese texts are set with Chinese marks (GB/T 15834): no half-width comma, colon, semicolon or question mark between Chinese words."""

import re
from pathlib import Path

import polib

_SOURCE = Path(__file__).resolve().parents[2] / "src"
_HALF = re.compile(r"[一-鿿”》）][,:;?!](?=[一-鿿“《（]|$)")


def test_every_text_of_a_page_has_chinese_marks() -> None:
    """Counts the texts of all catalogues and names the ones that have half-width marks."""
    texts = [
        entry.msgid for path in _SOURCE.rglob("locale/en/LC_MESSAGES/django.po") for entry in polib.pofile(str(path))
    ]
    half = [text for text in texts if _HALF.search(text)]
    print(f"\n{len(texts)} texts, {len(half)} with half-width marks")
    assert len(texts) > 5000 and not half, half[:10]
