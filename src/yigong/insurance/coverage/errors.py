"""Refusals of the room."""

from yigong.core.errors import Conflict, NotFound


class AlreadyInsured(Conflict):
    """Somebody is insured twice on one day."""

    code = "coverage.already_insured"
    message = "这段时间内此人已参保，不能重复参保：请先终止原来的参保，再登记新的。"


class AlreadyHeld(Conflict):
    """The same category or registration twice on one day."""

    code = "coverage.already_held"
    message = "这段时间内已经登记过，不能重复登记：请先终止原来的登记。"


class AlreadyEnded(Conflict):
    """A period ends once."""

    code = "coverage.already_ended"
    message = "这条登记已经终止，请刷新后查看。"


class NotEnded(Conflict):
    """Nothing to undo."""

    code = "coverage.not_ended"
    message = "这条登记没有终止或撤销过，无需恢复，请刷新后查看。"


class AlreadyExempt(Conflict):
    """One reason a year."""

    code = "coverage.already_exempt"
    message = "此人这一年度已有不参保的理由，请先撤销原来的登记。"


class NotInsured(NotFound):
    """No insurance on that day."""

    code = "coverage.not_insured"
    message = "此人在 %(on)s 没有参保记录。"


class AlreadyAsked(Conflict):
    """One application at a time."""

    code = "coverage.already_asked"
    message = "此人这一项已有申报在审核或待补正，请先办完或撤回原来的申报。"
