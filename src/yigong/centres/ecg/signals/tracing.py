"""What every format is read into: leads by their standard names, in microvolts."""

from dataclasses import dataclass, field
from datetime import date, datetime

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from yigong.core.errors import InvalidInput

STANDARD = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
"""The twelve leads in the order in which they are shown."""

# Lead numbers of EN 1064 (SCP-ECG), table of lead identification; ISO/IEEE 11073-10101 uses the same for its MDC_ECG_LEAD codes.
NUMBERS = {
    1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 9: "V7", 11: "V3R", 12: "V4R", 13: "V5R", 61: "III",
    62: "aVR", 63: "aVL", 64: "aVF", 66: "V8", 67: "V9",
}  # fmt: skip
MDC = {f"MDC_ECG_LEAD_{name.upper()}": name for name in NUMBERS.values()}
"""MDC code words of ISO/IEEE 11073-10101 and the leads they name."""

MAX_SECONDS = 600
MAX_RATE = 4000
LARGEST = 30_000
"""Microvolts: no electrocardiogram at the skin is larger, so larger means a wrong unit or gain."""


class NotReadable(InvalidInput):
    """The file cannot be used as an electrocardiogram; the text says what is wrong, where, and what to do."""

    code = "ecg.not_readable"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who the file says it is of, as it spells it. ``sex`` is M, F or blank."""

    number: str = ""
    name: str = ""
    sex: str = ""
    birth_date: date | None = None


@dataclass(frozen=True)
class Tracing:
    """One recording. ``values`` has a row per lead of ``leads`` and a column per sample, µV; ``rate`` in samples per second.

    ``derived`` are limb leads computed from I and II (Einthoven, Goldberger) because the file holds eight independent leads.
    """

    form: str
    leads: tuple[str, ...]
    rate: float
    values: NDArray[np.float64]
    taken_at: datetime | None = None
    device: str = ""
    subject: Subject = field(default_factory=Subject)
    accession: str = ""
    uid: str = ""
    derived: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.values.shape[1] / self.rate

    @property
    def missing(self) -> tuple[str, ...]:
        """Which of the twelve it lacks."""
        return tuple(lead for lead in STANDARD if lead not in self.leads)

    def lead(self, name: str) -> NDArray[np.float64]:
        """The samples of one lead, µV."""
        return self.values[self.leads.index(name)]


def checked(tracing: Tracing) -> Tracing:
    """The tracing with its limb leads complete, or NotReadable: plausible rate, length, size and at least one standard lead."""
    if not 50 <= tracing.rate <= MAX_RATE:
        raise NotReadable(
            _("采样率 %(a)g Hz 不合理（应在 50 到 %(b)s Hz 之间），请检查设备的导出设置。")
            % {"a": tracing.rate, "b": MAX_RATE}
        )
    if not 1 <= tracing.seconds <= MAX_SECONDS:
        raise NotReadable(
            _("记录长 %(a).1f 秒，静息心电图应为 1 到 %(b)s 秒；动态心电图请上传其报告。")
            % {"a": tracing.seconds, "b": MAX_SECONDS}
        )
    if not set(tracing.leads) & set(STANDARD):
        raise NotReadable(_("文件中没有可识别的心电导联，请确认导出的是静息心电图而不是其他波形。"))
    if not np.isfinite(tracing.values).all() or float(np.abs(tracing.values).max(initial=0)) > LARGEST:
        raise NotReadable(_("波形幅度超过 30 mV，单位或增益可能有误，请在设备上核对增益后重新导出。"))
    return _complete(tracing)


def _complete(tracing: Tracing) -> Tracing:
    """III, aVR, aVL and aVF from I and II where they are not in the file."""
    if not {"I", "II"} <= set(tracing.leads):
        return tracing
    one, two = tracing.lead("I"), tracing.lead("II")
    made = {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    new = [name for name in made if name not in tracing.leads]
    if not new:
        return tracing
    values = np.vstack([tracing.values, *(made[name] for name in new)])
    return Tracing(
        tracing.form, (*tracing.leads, *new), tracing.rate, values, tracing.taken_at, tracing.device, tracing.subject,
        tracing.accession, tracing.uid, tuple(new),
    )  # fmt: skip
