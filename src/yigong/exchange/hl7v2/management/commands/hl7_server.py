"""``manage hl7_server``: the door for analysers as a process of its own."""

import asyncio
import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Receives results over MLLP."""

    help = "启动检验仪器的 HL7 v2 接收服务（MLLP，ORU^R01）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen."""
        parser.add_argument("--port", type=int, default=int(os.environ.get("YIGONG_HL7_PORT", "2575")))
        parser.add_argument("--host", default=os.environ.get("YIGONG_HL7_HOST", "127.0.0.1"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen until told to stop."""
        try:
            asyncio.run(_run(options["host"], options["port"], self.stdout))
        except OSError as problem:
            raise CommandError(
                f"HL7 端口 {options['host']}:{options['port']} 不可用（{problem.strerror}）："
                "请关闭占用它的程序，或用 YIGONG_HL7_PORT 换一个端口。"
            ) from problem


async def _run(host: str, port: int, out: Any) -> None:
    from yigong.exchange.hl7v2.server import serve

    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    task = asyncio.ensure_future(serve(host, port, ready=ready))
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, task.cancel)
    waiting = asyncio.ensure_future(ready.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if ready.is_set():
        out.write(f"检验仪器接收在 {host}:{port}")
        out.flush()
    parent = os.getppid()
    while not task.done():
        await asyncio.wait({task}, timeout=1.0)
        if os.getppid() != parent:  # the starter is gone: nobody would stop us
            task.cancel()
    if not task.cancelled():
        task.result()
