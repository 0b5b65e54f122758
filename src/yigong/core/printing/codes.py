"""Bar codes and QR codes as SVG."""

import io

import segno
from django.utils.translation import gettext as _

from yigong.core.errors import InvalidInput

# ISO/IEC 15417, table 1: bar and space widths of the symbol characters 0-106 (103-105 start A, B, C; 106 stop).
_WIDTHS = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 2331112"
).split()
_START_B, _START_C, _STOP = 104, 105, 106
_QUIET = 10


def bar_code(text: str, height: int = 40) -> str:
    """Code 128 of printable ASCII as SVG, one unit per module with the quiet zones."""
    if not text or not all(" " <= c <= "~" for c in text):
        raise InvalidInput(_("条码只能包含英文字母、数字和常用符号。"))
    widths = "".join(_WIDTHS[value] for value in _values(text))
    bars, place = [], _QUIET
    for index, width in enumerate(map(int, widths)):
        if index % 2 == 0:
            bars.append(f"M{place} 0h{width}v{height}h-{width}z")
        place += width
    wide = place + _QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {height}" width="{wide}" height="{height}">'
        f'<path d="{"".join(bars)}"/></svg>'
    )


def qr_code(text: str, *, stretches: bool = False) -> str:
    """QR code (error correction M) as SVG; one that ``stretches`` takes the size of its place on the page."""
    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(target, kind="svg", scale=4, xmldecl=False, omitsize=stretches)
    return target.getvalue().decode()


def _values(text: str) -> list[int]:
    """Symbol values with start, check and stop: an even run of digits packs two to a symbol."""
    if text.isdigit() and len(text) % 2 == 0:
        values = [_START_C, *(int(text[place : place + 2]) for place in range(0, len(text), 2))]
    else:
        values = [_START_B, *(ord(c) - 32 for c in text)]
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return [*values, check, _STOP]
