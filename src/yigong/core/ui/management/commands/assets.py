"""``./yigong manage assets``: fetch the image viewer (about 50 MB, npm needed), once per version."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yigong.core.ui import assets


class Command(BaseCommand):
    """Fetch and unpack into the data folder."""

    help = "Fetch the OHIF viewer into the data folder; the quick look works without it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Fetch, or say why not."""
        folder = assets.ensure_ohif()
        if folder is None:
            raise CommandError("影像浏览器没有装上:需要 npm 和网络。服务器端快速浏览不受影响。")
        self.stdout.write(f"影像浏览器已就绪:{folder}")
