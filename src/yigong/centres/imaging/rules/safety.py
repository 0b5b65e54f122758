"""Safety checks before an imaging order is placed. Pure: a draft in, findings out."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from yigong.orders.data import Finding, OrderDraft

RADIATION = {"DR", "CT", "MG"}
LOW_EGFR = 30
"""mL/min/1.73 m²: below it iodinated contrast needs a doctor's decision."""


def check(draft: OrderDraft) -> list[Finding]:
    """All findings for a draft; ``block`` ones need a doctor's written reason to go on."""
    return [*_radiation(draft), *_contrast(draft), *_magnet(draft)]


def _radiation(draft: OrderDraft) -> Iterator[Finding]:
    if not RADIATION & {item.group for item in draft.items}:
        return
    if draft.answers.get("pregnancy") == "yes":
        yield Finding("block", "pregnant", _("患者妊娠，放射检查可能影响胎儿"))
    elif draft.answers.get("pregnancy") == "unknown":
        yield Finding("warn", "maybe_pregnant", _("是否妊娠不确定，检查前请再次核对或先查尿 HCG"))


def _contrast(draft: OrderDraft) -> Iterator[Finding]:
    if not any(item.code.endswith("-C") for item in draft.items):
        return
    if draft.answers.get("contrast_allergy") == "yes":
        yield Finding("block", "contrast_allergy", _("有对比剂或碘过敏史"))
    egfr = _number(draft.answers.get("egfr"))
    if egfr is not None and egfr < LOW_EGFR:
        yield Finding("block", "low_egfr", _("肾功能明显减退（eGFR %(n)s），对比剂有肾损害风险") % {"n": f"{egfr:g}"})
    if draft.answers.get("metformin") == "yes":
        yield Finding("warn", "metformin", _("服用二甲双胍：用对比剂时请按规定停药并复查肾功能"))


def _magnet(draft: OrderDraft) -> Iterator[Finding]:
    if not any(item.group == "MR" for item in draft.items):
        return
    words = {
        "pacemaker": _("体内有起搏器、除颤器或神经刺激器"),
        "aneurysm_clip": _("体内有动脉瘤夹、人工耳蜗或其他植入物"),
        "metal": _("眼内或体内有金属异物"),
    }
    for code, text in words.items():
        if draft.answers.get(code) == "yes":
            yield Finding("block", code, text)
    if draft.answers.get("claustrophobia") == "yes":
        yield Finding("warn", "claustrophobia", _("有幽闭恐惧，请提前沟通"))


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None
