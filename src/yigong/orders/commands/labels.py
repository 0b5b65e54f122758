"""Bar-code numbers of what travels to a centre: one owner for tubes and containers."""

from uuid import UUID

from yigong.core import clock
from yigong.core.numbers.api import next_value
from yigong.network import api as network


def specimen_number(centre: str, institution_id: UUID) -> str:
    """16 digits: kind of centre (2 digits), institution (4), day (6), serial (4); the serial counts per institution's digits and day."""
    digits = "".join(c for c in network.institution(institution_id).code if c.isdigit())[-4:].rjust(4, "0")
    prefix = f"{centre}{digits}{clock.today():%y%m%d}"
    return f"{prefix}{next_value('specimen_tube', prefix):04d}"
