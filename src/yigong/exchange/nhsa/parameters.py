"""Local parameters of the interface from the packs; address and key come from the environment (``YIGONG_NHSA_ADDRESS``, ``YIGONG_NHSA_KEY``)."""

from datetime import date
from typing import Literal

import msgspec

from yigong.core.packs.api import Kind, current, register


class InterfaceRules(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``region`` is the place of treatment (mdtrtarea_admvs), ``receiver`` the receiver system; time-outs in seconds; ``retries`` only for
    transactions that change nothing."""

    code: str
    version: str
    effective_from: date
    title: str
    certainty: Literal["published", "secondary", "general", "demo"]
    source: str
    region: str
    receiver: str
    sign: Literal["SM3"] = "SM3"
    timeout: float = 5.0
    retries: int = 1


RULES: Kind[InterfaceRules] = register(Kind("nhsa", "nhsa.toml", InterfaceRules))


def interface_rules() -> InterfaceRules:
    """The rules in force today."""
    return current(RULES, "nhsa")
