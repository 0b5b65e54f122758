"""The MLLP door: blocks in, acknowledgements out. The framing is the library's (``hl7.mllp``)."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections, connections
from hl7.mllp import HL7StreamReader, HL7StreamWriter, InvalidBlockError, start_hl7_server

from yigong.core import clock
from yigong.exchange.hl7v2 import rules
from yigong.exchange.hl7v2.commands import receive

LARGEST = 1024 * 1024
"""Bytes of one message; an analyser's are a few kilobytes."""
IDLE = 600.0
"""Seconds after which a silent connection is closed."""
log = logging.getLogger(__name__)


def _received(block: bytes) -> str:
    close_old_connections()
    try:
        return receive(block)
    except Exception:
        # The database is away or full: the analyser is told to send it again.
        log.exception("a message could not be kept")
        return rules.answer(
            rules.header_of(rules.decoded(block)), "AE", "平台暂时不能保存报文，请稍后重发", at=clock.now(), number="0"
        )


async def serve(host: str, port: int, *, workers: int = 2, ready: asyncio.Event | None = None) -> None:
    """Listen until cancelled; messages of one connection are answered in their order."""
    pool = ThreadPoolExecutor(workers, thread_name_prefix="hl7")

    async def talk(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        try:
            while True:
                block = await asyncio.wait_for(reader.readblock(), IDLE)
                writer.writeblock((await loop.run_in_executor(pool, _received, block)).encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, InvalidBlockError, ValueError, ConnectionError):
            pass  # the other side is gone, silent, or does not speak MLLP
        finally:
            writer.close()

    server = await start_hl7_server(talk, host, port, limit=LARGEST, encoding="utf-8")
    if ready:
        ready.set()
    try:
        async with server:
            await server.serve_forever()
    finally:
        for _place in range(workers):
            pool.submit(connections.close_all)
        pool.shutdown()
