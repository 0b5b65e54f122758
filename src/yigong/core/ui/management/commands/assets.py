"""``./yigong manage assets``: fetch the image viewer (about 50 MB, npm needed), once per version."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from yigong.core.ui import assets


class Command(BaseCommand):
    """Fetch and unpack into the data folder."""

    help = "Fetch the OHIF viewer into the data folder; the quick look works without it."

    def add_arguments(self, parser: Any) -> None:
        """``--quiet`` says nothing when nothing was to do or nothing could be done."""
        parser.add_argument("--quiet", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch, or say why not."""
        present = (settings.DATA / "ohif" / ".version").exists()
        folder = assets.ensure_ohif()
        if options["quiet"] and (present or folder is None):
            return
        if folder is None:
            raise CommandError("影像浏览器没有装上：需要 npm 和网络。服务器端快速浏览不受影响。")
        self.stdout.write(f"影像浏览器已就绪：{folder}")
