"""``manage load_packs``: check every pack, then archive the released versions."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from yigong.core.packs import api


class Command(BaseCommand):
    """Check and load packs."""

    help = "检查全部定义包（--check 只检查），并把已发布的版本存档"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查，不写数据库")
        parser.add_argument(
            "--replace", action="store_true", help="已存档的版本内容有变化时按新内容替换（只用于演示环境）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = api.check_all()
        if report.problems:
            raise CommandError("\n".join(map(str, report.problems)))
        self.stdout.write(f"{report.files} 个文件，{report.definitions} 个定义，{report.rows} 行码表，没有发现错误")
        if not options["check"]:
            with transaction.atomic():
                try:
                    written = api.release_all(replace=options["replace"])
                except api.PackError as changed:
                    raise CommandError(str(changed)) from changed
                self.stdout.write(
                    f"新存档或替换 {written} 个版本" if options["replace"] else f"新存档 {written} 个版本"
                )
