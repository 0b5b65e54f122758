"""``manage dicom_server``: the archive's DICOM door as a process of its own."""

import os
import signal
import socket
import sys
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Receives images, answers queries and worklists."""

    help = "启动影像归档的DICOM服务（C-ECHO、C-STORE、C-FIND、C-MOVE、C-GET、存储确认、检查工作列表）。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to listen and under which title."""
        parser.add_argument("--port", type=int, default=int(os.environ.get("YIGONG_DICOM_PORT", "11112")))
        parser.add_argument("--host", default=os.environ.get("YIGONG_DICOM_HOST", "127.0.0.1"))
        parser.add_argument("--title", default=os.environ.get("YIGONG_DICOM_TITLE", "YIGONG"))
        parser.add_argument("--processes", type=int, default=int(os.environ.get("YIGONG_DICOM_PROCESSES", "1")))

    def handle(self, *args: Any, **options: Any) -> None:
        """Listen until told to stop; several processes share one listening socket."""
        try:
            listener = socket.create_server((options["host"], options["port"]), backlog=64)
        except OSError as problem:
            raise CommandError(
                f"DICOM端口 {options['host']}:{options['port']} 不可用（{problem.strerror}）："
                "请关闭占用它的程序，或用 YIGONG_DICOM_PORT 换一个端口。"
            ) from problem
        listener.setblocking(False)
        address = listener.getsockname()[:2]
        self.stdout.write(f"影像归档在 {address[0]}:{address[1]} 接收，AE标题 {options['title']}")
        self.stdout.flush()
        children = [self._fork(options["title"], address, listener) for _ in range(options["processes"] - 1)]
        try:
            _serve(options["title"], address, listener)
        finally:
            for child in children:
                os.kill(child, signal.SIGTERM)
                os.waitpid(child, 0)

    def _fork(self, title: str, address: tuple[str, int], listener: socket.socket) -> int:
        child = os.fork()
        if child == 0:
            _serve(title, address, listener)
            sys.stdout.flush()
            os._exit(0)
        return child


def _serve(title: str, address: tuple[str, int], listener: socket.socket) -> None:
    from yigong.exchange.dicom.scp.server import build

    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    server = build(title, address, listener=listener)
    server.start()
    parent = os.getppid()
    while not stop.wait(1.0):
        if os.getppid() != parent:  # the starter is gone: nobody would stop us
            break
    server.stop()
