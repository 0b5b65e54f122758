"""Calling other nodes: C-ECHO, and the report of storage commitment."""

import time
from dataclasses import dataclass

from django.utils.translation import gettext as _
from pynetdicom import AE
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]

from yigong.exchange.dicom.models import Node

OUR_TITLE = "YIGONG"


@dataclass(frozen=True, slots=True)
class EchoAnswer:
    """How a call went, with a sentence for the administrator."""

    good: bool
    text: str
    milliseconds: int = 0


def entity() -> AE:
    """Our application entity as a caller, with short patience."""
    caller = AE(ae_title=OUR_TITLE)
    caller.connection_timeout, caller.acse_timeout, caller.dimse_timeout, caller.network_timeout = 5, 10, 30, 60
    return caller


def echo(node: Node) -> EchoAnswer:
    """C-ECHO to a node."""
    if not node.host or not node.port:
        return EchoAnswer(False, _("没有填写主机地址和端口，无法测试。"))
    caller = entity()
    caller.add_requested_context(Verification)
    begun = time.monotonic()
    link = caller.associate(node.host, node.port, ae_title=node.title)
    if link.is_rejected:
        return EchoAnswer(False, _("对方拒绝连接：请在对方设备上登记本平台的AE标题 %(t)s。") % {"t": OUR_TITLE})
    if not link.is_established:
        return EchoAnswer(
            False, _("连不上 %(h)s:%(p)s：请检查地址、端口、网线和防火墙。") % {"h": node.host, "p": node.port}
        )
    status = link.send_c_echo()
    link.release()
    spent = int((time.monotonic() - begun) * 1000)
    if getattr(status, "Status", None) == 0:
        return EchoAnswer(True, _("连接正常，%(ms)s 毫秒。") % {"ms": spent}, spent)
    return EchoAnswer(False, _("对方没有正确应答，请查看对方设备的日志。"))
