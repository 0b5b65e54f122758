"""The printed sheet is true to scale: measured on the lines of the PDF itself."""

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pypdf import PdfReader
from pypdf.generic import ContentStream

from yigong.centres.ecg.tests.world import EcgWorld
from yigong.orders.tests.world import browser_of

POINT = 25.4 / 72
Matrix = tuple[float, float, float, float, float, float]


def times(a: Matrix, b: Matrix) -> Matrix:
    """a, then b."""
    return (
        a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3], a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3],
        a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5],
    )  # fmt: skip


def strokes(owner: Any, content: Any, reader: PdfReader, base: Matrix) -> Iterator[list[tuple[float, float]]]:
    """Every path of a page with its forms, in millimetres of paper."""
    matrix, saved, path = base, [], []
    for operands, operator in ContentStream(content, reader).operations:
        numbers = [float(n) for n in operands if isinstance(n, int | float)]
        if operator == b"q":
            saved.append(matrix)
        elif operator == b"Q":
            matrix = saved.pop()
        elif operator == b"cm":
            matrix = times(tuple(numbers), matrix)  # type: ignore[arg-type]
        elif operator in {b"m", b"l"}:
            x, y = numbers
            path.append(
                (
                    (x * matrix[0] + y * matrix[2] + matrix[4]) * POINT,
                    (x * matrix[1] + y * matrix[3] + matrix[5]) * POINT,
                )
            )
        elif operator in {b"S", b"s", b"n", b"f", b"f*", b"B"}:
            if path:
                yield path
            path = []
        elif operator == b"Do":
            form = owner["/Resources"]["/XObject"][operands[0]].get_object()
            if form["/Subtype"] == "/Form":
                inner = tuple(float(n) for n in form.get("/Matrix", (1, 0, 0, 1, 0, 0)))
                yield from strokes(form, form, reader, times(inner, matrix))  # type: ignore[arg-type]


@pytest.mark.parametrize("layout", ["3x4", "6x2", "12x1"])
def test_a_second_is_25_mm_on_paper(world: EcgWorld, layout: str) -> None:
    """A4 landscape, one page; the calibration pulse is 10 mm high, ten seconds of rhythm are 250 mm long."""
    order = world.recorded()
    answer = browser_of(world.reader).get(f"/ecg/{order.id}/print/?layout={layout}")
    assert answer["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    [page] = reader.pages
    assert float(page.mediabox.width) * POINT == pytest.approx(297, abs=0.5)
    lines = [np.array(path) for path in strokes(page, page.get_contents(), reader, (1, 0, 0, 1, 0, 0))]
    pulses = [line for line in lines if len(line) == 6 and np.ptp(line[:, 0]) == pytest.approx(7, abs=0.1)]
    assert pulses and all(np.ptp(line[:, 1]) == pytest.approx(10, abs=0.1) for line in pulses)
    drawn = [line for line in lines if len(line) > 200 and np.ptp(line[:, 0]) < 257]  # the grid is 258 wide
    longest = max(drawn, key=lambda line: np.ptp(line[:, 0]))
    seconds = {"3x4": 10, "6x2": 5, "12x1": 10}[layout]
    print(f"{layout}: {seconds} s are {np.ptp(longest[:, 0]):.2f} mm on paper")
    assert np.ptp(longest[:, 0]) == pytest.approx(25 * seconds, abs=0.3)
    grid = max((line for line in lines if 257 < np.ptp(line[:, 0]) < 259), key=len)
    assert np.median(np.diff(np.unique(np.round(grid[:, 0], 2)))) == pytest.approx(1, abs=0.02)
