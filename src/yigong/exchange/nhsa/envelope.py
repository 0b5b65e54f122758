"""The envelope of a message and its signature (d1 of the reference). Needs no settings: the simulator uses it as well.

Provinces differ in the string that is signed; here it is the message without its signature, as JSON with sorted keys, under HMAC with SM3.
"""

# texts: data (names and words of the national interface, kept in the log as they are)

import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac

VERSION = "V1.0"
# Transactions that change something at the platform: an answer that got lost leaves us not knowing.
WRITING = frozenset(
    {"2201", "2202", "2203", "2204", "2205", "2207", "2208", "2301", "2302", "2304", "2305", "2401", "2402", "2403", "2404", "2405", "2501",
     "2502", "2503", "2504", "2505", "2506", "2601", "9001", "9002", "9101"}
)  # fmt: skip
# Of these, what moves money: never sent again by itself.
MONEY = frozenset({"2207", "2208", "2304", "2305"})
NAMES = {
    "1101": "人员信息获取", "1312": "医保目录查询", "2001": "待遇检查", "2201": "门诊挂号", "2202": "门诊挂号撤销", "2203": "门诊就诊信息上传",
    "2204": "门诊费用明细上传", "2205": "门诊费用明细撤销", "2206": "门诊预结算", "2207": "门诊结算", "2208": "门诊结算撤销", "2301": "住院费用明细上传",
    "2302": "住院费用明细撤销", "2303": "住院预结算", "2304": "住院结算", "2305": "住院结算撤销", "2401": "入院办理", "2402": "出院办理",
    "2403": "住院信息变更", "2404": "入院撤销", "2405": "出院撤销", "2601": "冲正交易", "3201": "医药机构费用结算对总账", "3202": "医药机构费用结算对明细账",
    "5201": "就诊信息查询", "5203": "结算信息查询", "5204": "费用明细查询", "5206": "人员累计信息查询", "9001": "签到", "9002": "签退", "9101": "文件上传",
    "9102": "文件下载",
}  # fmt: skip


def signature(message: Mapping[str, Any], key: bytes) -> str:
    """The hexadecimal HMAC-SM3 of a message without its ``cainfo``."""
    work = hmac.HMAC(key, hashes.SM3())
    work.update(_signed(message))
    return work.finalize().hex()


def is_signed(message: Mapping[str, Any], key: bytes) -> bool:
    """Whether a message carries the right signature."""
    work = hmac.HMAC(key, hashes.SM3())
    work.update(_signed(message))
    try:
        work.verify(bytes.fromhex(str(message.get("cainfo", ""))))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(message: Mapping[str, Any]) -> bytes:
    bare = {name: value for name, value in message.items() if name != "cainfo"}
    return json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
