"""``./yigong messages``: bring every app's catalogue up to date and name what is not translated."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from yigong.core.ui import messages


class Command(BaseCommand):
    """Write the catalogues; with ``--check`` only tell."""

    help = "Collect the texts of all pages and programs into each app's locale folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--check`` writes nothing."""
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Update, then report per app."""
        texts = sum(map(len, messages.collect().values())) if options["check"] else messages.update()
        gaps = messages.missing()
        for app, count in sorted(Counter(gap.app for gap in gaps).items()):
            self.stdout.write(f"{app}: {count}")
        self.stdout.write(f"{texts} texts, {len(gaps)} without English")
