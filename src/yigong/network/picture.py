"""An alliance as a picture: the lead on top, members below, each with how many institutions it manages."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from yigong.network.data import MembershipData

BOX_WIDTH, BOX_HEIGHT, GAP, ROW_GAP = 168, 54, 14, 46
PER_ROW = 6


@dataclass(frozen=True, slots=True)
class Box:
    """One institution in the picture, placed."""

    institution_id: UUID
    name: str
    role: str
    managed: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Boxes and the lines from each lead to each other box, in a drawing of this size."""

    title: str
    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[tuple[int, int, int, int], ...]


def of_alliance(title: str, members: Sequence[MembershipData], managed: dict[UUID, int]) -> Picture:
    """Place the members: leads in the first row, the rest in rows of six."""
    leads = [member for member in members if member.role == "lead"]
    others = [member for member in members if member.role != "lead"]
    rows = [leads] if leads else []
    rows += [others[n : n + PER_ROW] for n in range(0, len(others), PER_ROW)]
    widest = max((len(row) for row in rows), default=1)
    width = widest * (BOX_WIDTH + GAP) + GAP
    boxes = [box for n, row in enumerate(rows) for box in _row(row, n, width, managed)]
    height = max(len(rows), 1) * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * GAP
    return Picture(title, width, height, tuple(boxes), _lines(boxes))


def _row(members: Sequence[MembershipData], n: int, width: int, managed: dict[UUID, int]) -> list[Box]:
    start = (width - len(members) * (BOX_WIDTH + GAP) + GAP) // 2
    y = GAP + n * (BOX_HEIGHT + ROW_GAP)
    return [
        Box(
            m.institution_id,
            m.institution_name,
            m.role,
            managed.get(m.institution_id, 0),
            start + i * (BOX_WIDTH + GAP),
            y,
        )
        for i, m in enumerate(members)
    ]


def _lines(boxes: Sequence[Box]) -> tuple[tuple[int, int, int, int], ...]:
    leads = [box for box in boxes if box.role == "lead"]
    others = [box for box in boxes if box.role != "lead"]
    half = BOX_WIDTH // 2
    return tuple((a.x + half, a.y + BOX_HEIGHT, b.x + half, b.y) for a in leads for b in others)
