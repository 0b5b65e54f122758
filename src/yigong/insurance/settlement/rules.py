"""The workflow of a settlement and the pure rules around it."""

from yigong.core.states.api import State, StateTable, Step
from yigong.insurance.settlement import policies

# Numbers of receipts come from a sequence, so that no counter waits for another: unique, not gapless (the fiscal invoice has a number of its own).
SERIES = "settlement_number"

SETTLEMENT = StateTable(
    name="settlement",
    states={
        "presettled": State("已预结算"),
        "settling": State("结算中"),
        "unknown": State("结果待查"),
        "disputed": State("金额不符"),
        "settled": State("已结算"),
        "reversing": State("冲正中"),
        "reverse_unknown": State("冲正结果待查"),
        "reversed": State("已冲正", final=True),
        "correction": State("冲正单", final=True),
        "dropped": State("已作废", final=True),
    },
    steps=[
        Step("send", {"presettled"}, "settling", "提交结算", permission=policies.CHARGE),
        Step("settle", {"settling", "unknown"}, "settled", "结算", permission=policies.CHARGE),
        Step("refuse", {"settling", "unknown"}, "dropped", "平台未结算", permission=policies.CHARGE),
        Step("lose", {"settling"}, "unknown", "没有收到结果", permission=policies.CHARGE),
        Step("dispute", {"settling", "unknown"}, "disputed", "金额不符", permission=policies.CHARGE),
        Step("accept", {"disputed"}, "settled", "按平台结果入账", permission=policies.RESOLVE, reason_required=True),
        Step("drop", {"presettled", "disputed"}, "dropped", "作废", permission=policies.CHARGE),
        Step("begin_reversal", {"settled"}, "reversing", "提交冲正", permission=policies.CHARGE, reason_required=True),
        Step(
            "reverse",
            {"settled", "reversing", "reverse_unknown"},
            "reversed",
            "冲正",
            permission=policies.CHARGE,
            reason_required=True,
        ),
        Step("keep", {"reversing", "reverse_unknown"}, "settled", "未冲正", permission=policies.CHARGE),
        Step("lose_reversal", {"reversing"}, "reverse_unknown", "没有收到冲正结果", permission=policies.CHARGE),
    ],
)

DIFFERENCE = StateTable(
    name="settlement.difference",
    states={"open": State("待处理"), "resolved": State("已处理", final=True)},
    steps=[Step("resolve", {"open"}, "resolved", "处理差异", permission=policies.RESOLVE, reason_required=True)],
)
