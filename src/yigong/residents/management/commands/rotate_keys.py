"""Seal everything anew under the current secret while the former one is still valid."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yigong.core.rotation import Resealer, resealers
from yigong.residents.rules import sealing


class Command(BaseCommand):
    """``rotate_keys [--check] [--batch 1000] [--pause 0]``: may be stopped at any moment and begun again."""

    help = "更换密钥：用 YIGONG_SECRET 重新加密用 YIGONG_SECRET_OLD 加密的内容，可随时中断后继续"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much at once, how gently, or only counting."""
        parser.add_argument("--check", action="store_true", help="只统计还有多少没有更换")
        parser.add_argument("--batch", type=int, default=1000, help="每批多少行")
        parser.add_argument("--pause", type=float, default=0.0, help="两批之间停多少秒")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Count, then go through every column until nothing is left."""
        waiting = {resealer: resealer.left() for resealer in resealers()}
        for resealer, left in waiting.items():
            self.stdout.write(f"{resealer.label}：{left} 条待更换")
        if options["check"]:
            return
        if any(waiting.values()) and not sealing.is_rotating():
            raise CommandError(
                "有内容是用另一把密钥加密的：请同时设置 YIGONG_SECRET（新）和 YIGONG_SECRET_OLD（旧）后再运行。"
            )
        broken = sum(self._all_of(r, left, options["batch"], options["pause"]) for r, left in waiting.items() if left)
        if broken:
            raise CommandError(f"{broken} 条用现有的新旧密钥都打不开，原样保留；请确认 YIGONG_SECRET_OLD 是否完整。")
        self.stdout.write("全部已更换。确认各台服务器都已用新密钥后，即可删去 YIGONG_SECRET_OLD。")

    def _all_of(self, resealer: Resealer, total: int, batch: int, pause: float) -> int:
        """Rounds from the first key to the last until a round finds only what cannot be opened; returns how many that is."""
        done, began = 0, time.monotonic()
        while True:
            sealed, broken, after = 0, 0, None
            while (found := resealer.reseal(after, batch)).rows:
                after, broken = found.last, broken + found.broken
                sealed += found.rows - found.broken
                speed = (done + sealed) / max(time.monotonic() - began, 0.001)
                self.stdout.write(f"{resealer.label} {done + sealed}/{total}，每秒 {speed:.0f} 条")
                self.stdout.flush()
                time.sleep(pause)
            done += sealed
            left = resealer.left()
            if left <= broken:
                return broken
            if not sealed:
                time.sleep(0.2)  # the rest is being changed by somebody right now
