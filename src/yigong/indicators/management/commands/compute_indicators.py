"""``./yigong manage compute_indicators``: count all roll-ups from the facts again."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from yigong.indicators.commands.computing import compute_all


class Command(BaseCommand):
    """Counts again after a bulk load, a take-over or in doubt."""

    help = "Count all indicators from the facts again"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Since which month, which indicators."""
        parser.add_argument("codes", nargs="*", help="only the facts behind these indicators")
        parser.add_argument("--since", type=date.fromisoformat, help="first month, as 2025-01-01")

    def handle(self, *args: Any, **options: Any) -> None:
        """Count and say how much."""
        done = compute_all(since=options["since"], codes=options["codes"])
        self.stdout.write(f"{done.months} 个月，{done.cells} 个数，{done.seconds:.1f} 秒")
