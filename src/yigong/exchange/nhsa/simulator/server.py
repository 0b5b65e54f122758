"""The simulator's door: one address for messages, one for master data, a page for faults.

Faults can be switched on for a transaction number (or ``*``), for so many times: ``slow`` waits, ``lost`` does the work and hangs up without an
answer, ``duplicate`` receives the message twice, ``refused`` refuses, ``fen`` calculates one fen differently, ``down`` hangs up at once.
"""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

import html
import json
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from yigong.exchange.nhsa.envelope import is_signed
from yigong.exchange.nhsa.simulator.books import Books, Row
from yigong.exchange.nhsa.simulator.transactions import JOURNALLED, TRANSACTIONS, Platform, Refusal
from yigong.exchange.nhsa.transactions import NAMES

TITLE = "医保平台模拟器"
FAULTS = {
    "slow": "慢（等待数秒）",
    "lost": "做了但答复丢失",
    "duplicate": "同一报文到达两次",
    "refused": "拒绝",
    "fen": "金额差一分",
    "down": "连不上",
}


@dataclass
class Fault:
    """A fault of a transaction that is switched on; ``left`` None means until it is switched off."""

    kind: str
    left: int | None
    seconds: float = 6.0


class Simulator(ThreadingHTTPServer):
    """The server with its platform."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], platform: Platform, key: bytes) -> None:
        super().__init__(address, Door)
        self.platform, self.key, self.faults = platform, key, dict[str, Fault]()

    def take_fault(self, infno: str) -> Fault | None:
        """The fault that hits this message, counted down."""
        with self.platform.books.lock:
            for name in (infno, "*"):
                fault = self.faults.get(name)
                if fault is None:
                    continue
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left <= 0:
                        del self.faults[name]
                return fault
        return None


class Door(BaseHTTPRequestHandler):
    """One connection."""

    server: Simulator
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """A message, master data, or a fault."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/simulator/enter":
            self.server.platform.enter(json.loads(body))
            self._reply({"done": True})
        elif self.path == "/simulator/faults":
            self._switch(body)
        elif self.path == "/":
            self._message(body)
        else:
            self._reply({"infcode": -1, "err_msg": "没有这个地址"}, status=404)

    def do_GET(self) -> None:
        """The page, or the state for programs."""
        if self.path == "/simulator/state":
            books = self.server.platform.books
            self._reply(
                {
                    "people": len(books.people),
                    "institutions": len(books.institutions),
                    "settled": len(books.settled),
                    "counting": sum(not one.reversal_id for one in books.settled.values()),
                    "log": books.log[-50:],
                }
            )
        else:
            self._send(_page(self.server).encode(), "text/html; charset=utf-8")

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the page shows the log."""

    def _message(self, body: bytes) -> None:
        try:
            message = json.loads(body)
            infno = str(message["infno"])
        except (ValueError, KeyError, TypeError):
            self._reply({"infcode": -1, "err_msg": "报文不是规定的格式"}, status=400)
            return
        fault = self.server.take_fault(infno)
        kind = fault.kind if fault else ""
        self.server.platform.books.log.append(
            {"at": time.strftime("%H:%M:%S"), "infno": infno, "msgid": message.get("msgid", ""), "fault": kind}
        )
        if kind == "down":
            self._hang_up()
            return
        if kind == "slow" and fault:
            time.sleep(fault.seconds)
        answer = self._answer(message, kind)
        if kind == "duplicate":
            answer = self._answer(message, kind)
        if kind == "lost":
            self._hang_up()
            return
        self._reply(answer)

    def _answer(self, message: Row, fault: str) -> Row:
        now = time.strftime("%Y%m%d%H%M%S")
        head = {
            "inf_refmsgid": f"{message.get('mdtrtarea_admvs', '')}{now}{time.monotonic_ns() % 10**10:010d}",
            "respond_time": now + "000",
            "source": TITLE,
        }
        if not is_signed(message, self.server.key):
            return {**head, "infcode": -1, "err_msg": "签名验证失败", "output": {}}
        if fault == "refused":
            return {**head, "infcode": -1, "err_msg": "模拟器按设定拒绝了这次交易", "output": {}}
        platform = self.server.platform
        with platform.books.lock:
            if fault == "fen":
                platform.fen_off.add(message["infno"])
            try:
                known = message["msgid"] in platform.books.answers
                output = platform.perform(message)
                if output.get("cancelled"):
                    return {**head, "infcode": -1, "err_msg": "该报文已被冲正，不再受理", "output": {}}
                if message["infno"] in JOURNALLED and not known:
                    platform.books.write_down({"message": message})
            except Refusal as refusal:
                return {**head, "infcode": -1, "err_msg": str(refusal), "output": {}}
            except (KeyError, TypeError, ValueError) as fault_of_theirs:
                return {**head, "infcode": -1, "err_msg": f"报文缺少或写错了 {fault_of_theirs}", "output": {}}
            finally:
                platform.fen_off.discard(message["infno"])
        return {**head, "infcode": 0, "err_msg": "", "output": output}

    def _switch(self, body: bytes) -> None:
        is_form = "form" in (self.headers.get("Content-Type") or "")
        given = {k: v[0] for k, v in parse_qs(body.decode()).items()} if is_form else json.loads(body)
        infno, kind = str(given.get("infno") or "*"), str(given.get("fault") or "")
        if kind in FAULTS:
            left = int(given["times"]) if given.get("times") else None
            self.server.faults[infno] = Fault(kind, left, float(given.get("seconds") or 6))
        elif kind == "none":
            self.server.faults.clear() if infno == "*" else self.server.faults.pop(infno, None)
        if is_form:
            self.send_response(303)
            self.send_header("Location", "/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._reply({"faults": {name: fault.kind for name, fault in self.server.faults.items()}})

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _reply(self, answer: Row, status: int = 200) -> None:
        self._send(
            json.dumps(answer, ensure_ascii=False, default=str).encode(), "application/json; charset=utf-8", status
        )

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


def _page(server: Simulator) -> str:
    books, text = server.platform.books, html.escape
    options = "".join(f'<option value="{no}">{no} {text(NAMES.get(no, ""))}</option>' for no in ("*", *TRANSACTIONS))
    kinds = "".join(
        f'<option value="{key}">{text(label)}</option>' for key, label in (*FAULTS.items(), ("none", "取消"))
    )
    on = "".join(
        f"<li>{text(name)}：{text(FAULTS[f.kind])}{f'（还有 {f.left} 次）' if f.left else ''}</li>"
        for name, f in server.faults.items()
    )
    log = "".join(
        f"<tr><td>{text(r['at'])}</td><td>{text(r['infno'])} {text(NAMES.get(r['infno'], ''))}</td><td>{text(r['msgid'])}</td><td>{text(FAULTS.get(r['fault'], ''))}</td></tr>"
        for r in reversed(books.log[-40:])
    )
    return (
        f"<!doctype html><html lang=zh><meta charset=utf-8><title>{TITLE}</title><style>body{{font:15px sans-serif;margin:2em;max-width:70em}}"
        "td{padding:2px 10px;border-bottom:1px solid #ddd}b{color:#b3261e}</style>"
        f"<h1>{TITLE}</h1><p><b>这不是真实的医保平台。</b>演示与测试用，自有账本：{len(books.people)} 人、{len(books.institutions)} 家机构、{len(books.settled)} 笔结算。</p>"
        f"<form method=post action=/simulator/faults>交易 <select name=infno>{options}</select> 故障 <select name=fault>{kinds}</select>"
        " 次数 <input name=times size=3 value=1> 秒 <input name=seconds size=3 value=6> <button>设定</button></form>"
        f"<h2>已设定的故障</h2><ul>{on or '<li>没有</li>'}</ul><h2>最近的报文</h2><table>{log}</table></html>"
    )


def serve(host: str, port: int, folder: Path | None, plans: Path, catalogue: Path, key: bytes) -> Simulator:
    """A simulator that listens; call ``serve_forever``. With port 0 a free one is taken."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return Simulator((host, port), Platform(Books(folder), plans, catalogue), key)
