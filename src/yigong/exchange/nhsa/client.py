"""One message to the platform: enveloped, signed, sent, logged; an answer, a refusal, or how far it got.

Whether a failure leaves us not knowing depends on when it happens: before the message was out nothing can have happened; after that, only
transactions that change nothing may be sent again.
"""

# texts: data (names and words of the national interface, kept in the log as they are)

import json
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from yigong.core import clock, statements
from yigong.exchange.nhsa.envelope import MONEY, VERSION, signature
from yigong.exchange.nhsa.masking import masked
from yigong.exchange.nhsa.models import ContractedInstitution, PlatformMessage
from yigong.exchange.nhsa.parameters import InterfaceRules
from yigong.insurance.settlement.api import PlatformDown, PlatformRefused, ResultUnknown


class Client:
    """The platform at an address, as one institution."""

    def __init__(
        self, address: str, key: bytes, rules: InterfaceRules, place: ContractedInstitution, clerk: str = ""
    ) -> None:
        self.address, self.key, self.rules, self.place, self.clerk = address, key, rules, place, clerk

    def message_id(self) -> str:
        """Institution code (12), time (14), sequence (4), as d1 asks for."""
        ((serial,),) = statements.fetch("select nextval('nhsa_message')", {})
        return f"{self.place.code:0<12}{_now():%Y%m%d%H%M%S}{serial % 10_000:04d}"

    def call(
        self, infno: str, content: Mapping[str, Any], *, message_id: str = "", about: str = "", region: str = ""
    ) -> dict[str, Any]:
        """The answer's ``output``. PlatformRefused, PlatformDown, or, for what moves money, ResultUnknown."""
        message = self._enveloped(infno, content, message_id or self.message_id(), region)
        attempts = 1 if infno in MONEY else 1 + self.rules.retries
        for attempt in range(1, attempts + 1):
            try:
                return self._once(message, about)
            except (PlatformDown, ResultUnknown):
                if attempt == attempts:
                    raise
        raise AssertionError("unreachable")

    def _once(self, message: dict[str, Any], about: str) -> dict[str, Any]:
        begin, at = time.monotonic(), clock.now()
        sent, answer, failure = False, None, ""
        try:
            connection = self._connection()
            try:
                connection.connect()
                sent = True
                body = json.dumps(message, ensure_ascii=False).encode()
                connection.request(
                    "POST",
                    urlsplit(self.address).path or "/",
                    body,
                    {"Content-Type": "application/json; charset=utf-8"},
                )
                answer = json.loads(connection.getresponse().read())
            finally:
                connection.close()
        except (OSError, HTTPException, ValueError) as fault:
            failure = type(fault).__name__
        outcome, said = _outcome(message["infno"], sent, answer, failure)
        self._log(message, answer, outcome, said, about, at, time.monotonic() - begin)
        if outcome == "down":
            raise PlatformDown(why=said)
        if outcome == "lost":
            raise ResultUnknown()
        assert answer is not None
        if outcome == "refused":
            raise PlatformRefused(why=said)
        return dict(answer.get("output") or {})

    def _connection(self) -> HTTPConnection:
        parts = urlsplit(self.address)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=self.rules.timeout)

    def _enveloped(self, infno: str, content: Mapping[str, Any], message_id: str, region: str) -> dict[str, Any]:
        message = {
            "infno": infno, "msgid": message_id, "mdtrtarea_admvs": self.rules.region, "insuplc_admdvs": region or self.rules.region,
            "recer_sys_code": self.rules.receiver, "dev_no": "", "dev_safe_info": "", "signtype": self.rules.sign, "infver": VERSION,
            "opter_type": "1", "opter": self.clerk[:30] or "yigong", "opter_name": self.clerk[:50] or "yigong",
            "inf_time": f"{_now():%Y-%m-%d %H:%M:%S}", "fixmedins_code": self.place.code, "fixmedins_name": self.place.name, "sign_no": "",
            "input": content,
        }  # fmt: skip
        return {**message, "cainfo": signature(message, self.key)}

    def _log(
        self, message: dict[str, Any], answer: Any, outcome: str, said: str, about: str, at: Any, took: float
    ) -> None:
        PlatformMessage.objects.create(
            infno=message["infno"], message_id=message["msgid"], institution_id=self.place.institution_id, about=about[:40],
            request=masked({**message, "cainfo": "…"}), answer=masked(answer), outcome=outcome, said=said[:300], sent_at=at, took_ms=int(took * 1000),
        )  # fmt: skip


def _outcome(infno: str, sent: bool, answer: Any, failure: str) -> tuple[str, str]:
    if answer is not None and isinstance(answer, dict) and "infcode" in answer:
        return ("answered", "") if str(answer["infcode"]) == "0" else ("refused", str(answer.get("err_msg") or ""))
    words = {
        "TimeoutError": "超时",
        "ConnectionRefusedError": "拒绝连接",
        "RemoteDisconnected": "连接中断",
        "ConnectionResetError": "连接中断",
    }
    why = words.get(failure, failure or "答复无法读取")
    return ("lost", why) if sent and infno in MONEY else ("down", why)


def _now() -> Any:
    return clock.now().astimezone(clock.SHANGHAI)
