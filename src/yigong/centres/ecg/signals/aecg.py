"""HL7 annotated ECG (HL7 V3 RIM, aECG release 1): sequences of digits with an origin, a scale and a unit.

Read in one streaming pass of expat. A document type declaration is refused, so entities cannot be declared (the protection of
``defusedxml``, without the package); depth and size are limited.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any
from xml.parsers import expat

import numpy as np
from django.utils.translation import gettext as _

from yigong.centres.ecg.signals.tracing import MDC, NotReadable, Subject, Tracing
from yigong.core import clock

_MICROVOLTS = {"uV": 1.0, "µV": 1.0, "mV": 1000.0, "V": 1_000_000.0, "nV": 0.001}
_SECONDS = {"s": 1.0, "ms": 0.001, "us": 0.000001}
_DEPTH = 60
_ROOT = "AnnotatedECG"


class _Stop(Exception):
    """Something in the document that may not be there."""


@dataclass
class _Sequence:
    code: str = ""
    facts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    digits: list[str] = field(default_factory=list)


class _Reader:
    """Keeps what the tracing needs while expat walks through the document."""

    def __init__(self) -> None:
        self.path: list[str] = []
        self.sequences: list[_Sequence] = []
        self.now: _Sequence | None = None
        self.facts: dict[str, str] = {}
        self.text: list[str] = []

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""
        tag = name.rsplit(" ", 1)[-1]
        if not self.path and tag != _ROOT:
            raise _Stop(_("根元素是 %(a)s") % {"a": tag})
        self.path.append(tag)
        if len(self.path) > _DEPTH:
            raise _Stop(_("层次过深"))
        if "derivation" in self.path:  # representative beats are computed, not recorded
            return
        if tag == "sequence":
            self.now = _Sequence()
        elif self.now is not None and self.path[-2] == "sequence" and tag == "code":
            self.now.code = given.get("code", "")
        elif self.now is not None and tag in {"head", "increment", "origin", "scale"}:
            self.now.facts[tag] = given
        else:
            self._fact(tag, given)
        self.text = []

    def data(self, text: str) -> None:
        """Character data."""
        self.text.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        tag = self.path.pop()
        text = "".join(self.text)
        self.text = []
        if "derivation" in self.path:
            return
        if self.now is not None and tag == "digits":
            self.now.digits.append(text)
        elif tag == "sequence" and self.now is not None:
            self.sequences.append(self.now)
            self.now = None
        elif tag in {"name", "family", "given"} and "subjectDemographicPerson" in [*self.path, tag]:
            self.facts["name"] = self.facts.get("name", "") + text.strip()
        elif tag in {"manufacturerModelName", "softwareName"}:
            self.facts.setdefault(tag, text.strip())

    def _fact(self, tag: str, given: Mapping[str, str]) -> None:
        above = self.path[-2] if len(self.path) > 1 else ""
        if tag == "id" and above == "trialSubject":
            self.facts.setdefault("number", given.get("extension", ""))
        elif tag == "id" and above == _ROOT:
            self.facts.setdefault("uid", given.get("extension") or given.get("root", ""))
        elif tag == "low" and above == "effectiveTime" and "series" in self.path:
            self.facts.setdefault("taken", given.get("value", ""))
        elif tag == "low" and above == "effectiveTime" and self.path[-3] == _ROOT:
            self.facts.setdefault("whole", given.get("value", ""))
        elif tag in {"administrativeGenderCode", "birthTime"}:
            self.facts.setdefault(tag, given.get("code") or given.get("value", ""))


def read_aecg(content: bytes) -> Tracing:
    """The first sequence set with a common time base."""
    seen = _walk(content)
    timing = next((s for s in seen.sequences if s.code in {"TIME_ABSOLUTE", "TIME_RELATIVE"}), None)
    if timing is None or "increment" not in timing.facts:
        raise NotReadable(_("aECG 文件缺少采样间隔（TIME_ABSOLUTE 序列），请从设备重新导出。"))
    increment = timing.facts["increment"]
    step = _number(increment, _("采样间隔")) * _SECONDS.get(increment.get("unit", "s"), 0)
    if step <= 0:
        raise NotReadable(_("aECG 文件的采样间隔单位不能识别。"))
    leads: dict[str, Any] = {}
    for one in seen.sequences:
        name = MDC.get(one.code.upper().removesuffix("_ECG"), "")
        if name and name not in leads and one.digits:
            leads[name] = _samples(name, one)
    if not leads:
        raise NotReadable(_("aECG 文件中没有以 MDC 代码命名的导联波形。"))
    lengths = {len(values) for values in leads.values()}
    if len(lengths) > 1:
        raise NotReadable(
            _("aECG 各导联长度不一致（%(a)s 到 %(b)s 点），文件可能不完整，请重新导出。")
            % {"a": min(lengths), "b": max(lengths)}
        )
    head = timing.facts.get("head", {}).get("value", "")
    return Tracing(
        "aecg", tuple(leads), 1 / step, np.vstack(list(leads.values())),
        _moment(seen.facts.get("taken") or head or seen.facts.get("whole", "")),
        seen.facts.get("manufacturerModelName", "")[:80], _subject(seen.facts), "", seen.facts.get("uid", "")[:64],
    )  # fmt: skip


def _walk(content: bytes) -> _Reader:
    reader, parser = _Reader(), expat.ParserCreate(namespace_separator=" ")

    def refuse(*_given: Any) -> Any:
        raise _Stop(_("带有文档类型声明（DOCTYPE）"))

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    parser.CharacterDataHandler = reader.data
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except _Stop as problem:
        raise NotReadable(
            _("不能作为 aECG 读取：%(a)s。请在设备上选择“HL7 aECG(XML)”格式导出。") % {"a": problem}
        ) from problem
    except expat.ExpatError as problem:
        raise NotReadable(
            _("XML 第 %(a)s 行不完整或有误，文件可能没有传完，请重新导出。") % {"a": problem.lineno}
        ) from problem
    return reader


def _samples(name: str, one: _Sequence) -> Any:
    origin, scale = one.facts.get("origin", {}), one.facts.get("scale", {})
    factor = _MICROVOLTS.get(scale.get("unit", ""))
    if factor is None:
        raise NotReadable(
            _("aECG 导联 %(a)s 的单位“%(b)s”不能识别，应为 uV 或 mV。") % {"a": name, "b": scale.get("unit", "")}
        )
    try:
        digits = np.array("".join(one.digits).split(), dtype=np.float64)
    except ValueError as problem:
        raise NotReadable(_("aECG 导联 %(a)s 的数据中有不是数字的内容，请重新导出。") % {"a": name}) from problem
    zero = float(origin.get("value") or 0) * _MICROVOLTS.get(origin.get("unit", "uV"), 1.0)
    return digits * _number(scale, _("导联 %(name)s 的增益") % {"name": name}) * factor + zero


def _number(given: Mapping[str, str], what: str) -> float:
    try:
        return float(given.get("value", ""))
    except ValueError as problem:
        raise NotReadable(_("aECG 文件的%(a)s不是数字，请重新导出。") % {"a": what}) from problem


def _moment(text: str) -> datetime | None:
    """An HL7 time stamp; without a zone it is China's."""
    digits = text.split(".", maxsplit=1)[0][:14]
    zone = clock.SHANGHAI
    for sign in "+-":
        if sign in text[8:] and (offset := text[text.rindex(sign) + 1 :]).isdigit() and len(offset) == 4:
            minutes = int(offset[:2]) * 60 + int(offset[2:])
            zone = timezone(timedelta(minutes=minutes if sign == "+" else -minutes))  # type: ignore[assignment]
    try:
        return datetime.strptime(digits.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=zone)
    except ValueError:
        return None


def _subject(facts: Mapping[str, str]) -> Subject:
    try:
        born = datetime.strptime(facts.get("birthTime", "")[:8], "%Y%m%d").date()  # noqa: DTZ007 - a calendar day
    except ValueError:
        born = None
    sex = {"M": "M", "F": "F", "1": "M", "2": "F"}.get(facts.get("administrativeGenderCode", ""), "")
    return Subject(facts.get("number", ""), facts.get("name", ""), sex, born)
