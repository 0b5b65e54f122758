"""Where lists go. ``exchange`` may register a platform; without one a list is kept as an envelope for hand-over as a file.

A gateway answers, or raises a DomainError and has had no effect.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from uuid import UUID

from yigong.core import clock
from yigong.core.clock import SHANGHAI
from yigong.core.numbers.api import next_value
from yigong.insurance.claims.data import Content, Upload
from yigong.insurance.claims.rules.definitions import fields

LIST_UPLOAD = "4101A"


class ClaimGateway(Protocol):
    """A platform that takes settlement lists."""

    name: str

    def upload(self, envelope: Mapping[str, Any]) -> Upload:
        """Send one list; repeatable under the same message id."""


class FileHandOver:
    """No platform: nothing is sent. The envelope is kept, and the period's file is handed over by people; the reference says so."""

    name = "file"

    def upload(self, envelope: Mapping[str, Any]) -> Upload:
        """Keep it."""
        message = str(envelope["msgid"])
        return Upload(
            reference=f"FILE-{message[-18:]}", message_id=message, said="已存入报文日志，未发送到平台，请导出文件报送"
        )


Provider = Callable[[UUID], ClaimGateway | None]
_providers: list[Provider] = []


def register_gateway(provider: Provider) -> None:
    """Offer a platform (in ``apps.ready``); the provider answers None for institutions without one."""
    if provider not in _providers:
        _providers.append(provider)


def gateway_of(institution_id: UUID) -> ClaimGateway:
    """The institution's platform, or the hand-over by file."""
    found = (provider(institution_id) for provider in _providers)
    return next((one for one in found if one is not None), FileHandOver())


def envelope_of(
    content: Content, *, identity: Mapping[str, str], institution: tuple[str, str], operator: tuple[str, str]
) -> dict[str, Any]:
    """A 4101A request: the head by the interface's names, money in yuan with two decimals, ``identity`` the full certificate number."""
    code, name = institution
    now = clock.now().astimezone(SHANGHAI)
    stamp = f"{now:%Y%m%d%H%M%S}"
    serial = next_value("claims.message", code[:12] + stamp) % 10_000
    region = content["setlinfo"].get("insuplc", "")
    return {
        "infno": LIST_UPLOAD, "msgid": f"{code[:12]:0<12}{stamp}{serial:04d}", "mdtrtarea_admvs": region, "insuplc_admdvs": region,
        "recer_sys_code": "MBS_LOCAL", "infver": "V1.0", "opter_type": "1", "opter": operator[0], "opter_name": operator[1],
        "inf_time": f"{now:%Y-%m-%d %H:%M:%S}", "fixmedins_code": code, "fixmedins_name": name, "input": written(content, identity),
    }  # fmt: skip


def written(content: Content, identity: Mapping[str, str]) -> dict[str, Any]:
    """The data nodes as they are sent: empty fields left out, fen as yuan."""
    money = {field.field for field in fields() if field.kind == "money"}

    def row(values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: f"{value / 100:.2f}" if name in money else value
            for name, value in values.items()
            if value not in (None, "")
        }

    sent: dict[str, Any] = {"setlinfo": row(content["setlinfo"] | dict(identity))}
    return sent | {node: [row(one) for one in content[node]] for node in content if node != "setlinfo"}
