"""``./yigong manage refresh_figures``: count all monthly figures from the facts again."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from yigong.console.commands import refresh_figures


class Command(BaseCommand):
    """Full recount."""

    help = "Count the monthly figures from the facts again (after a bulk load, a take-over, or in doubt)."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--since 2025-01-01`` and figure codes."""
        parser.add_argument("codes", nargs="*")
        parser.add_argument("--since", type=date.fromisoformat)

    def handle(self, *args: Any, **options: Any) -> None:
        """Count and tell."""
        for code, cells in refresh_figures(since=options["since"], codes=options["codes"]).items():
            self.stdout.write(f"{code}: {cells} cells")
