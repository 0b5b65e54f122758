"""The workflow of a file taken on."""

from datetime import timedelta
from typing import Any

from yigong.core.actor import system
from yigong.core.states.api import State, StateTable, Step
from yigong.exchange.takeon import policies

# A file that nobody goes on with holds personal data in the clear: it goes.
FORGOTTEN = timedelta(days=7)


def _forget(row: Any) -> timedelta | None:
    from yigong.exchange.takeon.commands.uploading import discard

    discard(import_id=row.pk, actor=system("takeon"))
    return None


IMPORT = StateTable(
    name="takeon.import",
    states={
        "uploaded": State("已上传", due=FORGOTTEN),
        "checking": State("试运行中"),
        "checked": State("已试运行", due=FORGOTTEN),
        "running": State("导入中"),
        "stopped": State("中断，可继续或撤销"),
        "done": State("已导入"),
        "undoing": State("撤销中"),
        "undone": State("已撤销", final=True),
        "discarded": State("已作废", final=True),
    },
    steps=[
        Step("check", {"uploaded", "checked"}, "checking", "试运行", permission=policies.USE),
        Step("checked", {"checking"}, "checked", "完成试运行", system_only=True),
        Step("fail", {"checking"}, "uploaded", "中止试运行", system_only=True),
        Step("run", {"checked", "stopped"}, "running", "正式导入", permission=policies.USE),
        Step("done", {"running"}, "done", "完成导入", system_only=True),
        Step("stop", {"running", "undoing"}, "stopped", "中断", system_only=True),
        Step("undo", {"done", "stopped"}, "undoing", "撤销导入", permission=policies.USE, reason_required=True),
        Step("undone", {"undoing"}, "undone", "完成撤销", system_only=True),
        Step("discard", {"uploaded", "checked"}, "discarded", "作废", permission=policies.USE),
    ],
    on_due=_forget,
)
