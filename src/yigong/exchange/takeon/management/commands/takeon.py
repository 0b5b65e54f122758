"""``./yigong takeon LAYOUT FILE``: the same as the pages, in the name of the system."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from yigong.core.actor import system
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.states.api import transition
from yigong.exchange.takeon.commands import name_columns, running, upload
from yigong.exchange.takeon.commands.uploading import access
from yigong.exchange.takeon.data import Outcome
from yigong.exchange.takeon.models import Import
from yigong.exchange.takeon.queries import counts_in_words
from yigong.exchange.takeon.rules.layouts import layout, layouts
from yigong.exchange.takeon.rules.states import IMPORT
from yigong.network import api as network

_SHOWN = 20
_EVERY = 5  # seconds between two lines of progress
ACTOR = system("takeon")


class Command(BaseCommand):
    """Take on a file."""

    help = "导入一个文件：takeon 数据种类 文件 [--dry-run]。数据种类：institutions、departments、staff、residents 等。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Layout, file, source."""
        parser.add_argument("layout", help="数据种类")
        parser.add_argument("file", type=Path, help="CSV 或 xlsx 文件")
        parser.add_argument("--dry-run", action="store_true", help="只试运行，不写入")
        parser.add_argument("--system", default="命令行", help="来源系统，同一来源的编号只导入一次")
        parser.add_argument("--institution", default="", help="数据所属机构的代码")
        parser.add_argument("--map", action="append", default=[], metavar="列=表头", help="手工对应一列，可多次")

    def handle(self, *args: Any, **options: Any) -> None:
        """Upload, name the columns, try, take on."""
        try:
            row = self._upload(options)
            outcome = self._pass(row, "check")
            if not options["dry_run"]:
                outcome = self._pass(row, "run")
        except DomainError as refusal:
            errors = refusal.errors if isinstance(refusal, InvalidInput) else {}
            labels = {c.name: c.label for c in layout(options["layout"]).each()} if errors else {}
            text = "；".join(f"{labels.get(name, '')} {sentence}".strip() for name, sentence in errors.items())
            raise CommandError(text or str(refusal)) from refusal
        self._tell(outcome, options["file"])

    def _upload(self, options: dict[str, Any]) -> Import:
        code, path = options["layout"], options["file"]
        if code not in {one.code for one in layouts()}:
            raise CommandError("没有这种数据，可用：" + "、".join(f"{one.code}（{one.title}）" for one in layouts()))
        if not path.is_file():
            raise CommandError(f"没有文件 {path}，请核对路径。")
        house = network.institutions_by_code([options["institution"]]) if options["institution"] else {}
        if options["institution"] and not house:
            raise CommandError(f"没有代码为 {options['institution']} 的机构。")
        with path.open("rb") as handle:
            row = upload(
                layout_code=code, file_name=path.name, chunks=iter(lambda: handle.read(1 << 20), b""), system=options["system"],
                institution_id=next((one.id for one in house.values()), None), actor=ACTOR,
            )  # fmt: skip
        return name_columns(import_id=row.pk, columns=row.columns | _named(code, options["map"]), actor=ACTOR)

    def _pass(self, row: Import, action: str) -> Outcome:
        last = [0.0]

        def say(done: int, total: int | None, note: str) -> None:
            if time.monotonic() - last[0] > _EVERY:
                last[0] = time.monotonic()
                self.stderr.write(f"{note}" + (f"（共约 {total} 行）" if total else ""))

        with transaction.atomic():
            transition(IMPORT, access(row.pk, ACTOR), action, actor=ACTOR)
        fresh = access(row.pk, ACTOR)
        return running.check(fresh, ACTOR, say) if action == "check" else running.run(fresh, ACTOR, say)

    def _tell(self, outcome: Outcome, path: Path) -> None:
        for label, n in counts_in_words(dict(outcome.counts)):
            self.stdout.write(f"{label}：{n}")
        for fault in outcome.faults[:_SHOWN]:
            self.stdout.write(fault.told())
        if len(outcome.faults) > _SHOWN:
            self.stdout.write(f"… 另有 {len(outcome.faults) - _SHOWN} 处，见错误行文件。")
        for name, content in outcome.results.items():
            target = path.with_name(f"{path.stem}.{name}")
            target.write_bytes(content)
            self.stdout.write(f"已写出 {target}")
        if outcome.counts["refused"]:
            sys.exit(1)


def _named(code: str, given: list[str]) -> dict[str, str]:
    """``列=表头`` by label or name."""
    known = {name: c.name for c in layout(code).each() for name in (c.label, c.name)}
    named = {}
    for one in given:
        column, _equals, header = one.partition("=")
        if column not in known:
            raise CommandError(f"没有“{column}”这一列，可用：{'、'.join(c.label for c in layout(code).each())}")
        named[known[column]] = header
    return named
