"""``./yigong manage copy_assets``: after ``npm ci``, copy the browser files and note their versions and digests."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from yigong.core.ui import assets


class Command(BaseCommand):
    """Copy from node_modules into the committed folder."""

    help = "Copy htmx, Tabler and ECharts from node_modules."

    def add_arguments(self, parser: CommandParser) -> None:
        """``--from`` names the folder of packages."""
        parser.add_argument("--from", dest="source", default="node_modules")

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy and tell."""
        self.stdout.write(" ".join(assets.copy_from(Path(options["source"]))))
