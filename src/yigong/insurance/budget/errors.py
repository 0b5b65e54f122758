"""Refusals of the room."""

from yigong.core.errors import Conflict


class PackageExists(Conflict):
    """One package for a region, scheme and year."""

    code = "budget.package_exists"
    message = "这个险种、年度已有打包总额。要重新编制，请先把原来的作废。"


class MonthClosed(Conflict):
    """Nothing is booked into a closed month."""

    code = "budget.month_closed"
    message = "%(month)s 已关账，不能再记入。"


class MonthsBefore(Conflict):
    """Months close in order."""

    code = "budget.months_before"
    message = "请先关 %(month)s 的账：月份按顺序关。"


class MonthNotOver(Conflict):
    """A month that goes on is not closed."""

    code = "budget.month_not_over"
    message = "%(month)s 还没有结束，不能关账。"


class NothingToWeigh(Conflict):
    """No grouped cases in the years."""

    code = "budget.nothing_to_weigh"
    message = "所选年份没有已入组的病例，不能测算权重。"


class NoWeights(Conflict):
    """No adopted weights for the year."""

    code = "budget.no_weights"
    message = "%(year)s 年还没有采用的%(method)s测算，请先在“权重费率”里测算并采用。"


class AnotherMethod(Conflict):
    """One month has one method."""

    code = "budget.another_method"
    message = "%(month)s 已有机构按%(method)s预付，其余机构只能用同一种方式计算。"


class YearIsClosed(Conflict):
    """A closed year is changed only after its closing was taken back."""

    code = "budget.year_is_closed"
    message = "%(year)s 年度已经结算（%(number)s），不能再计算或预付这一年的月份。要更正，请在“年度结算”里打开 %(number)s 冲回，改好后重新结算。"


class SetInUse(Conflict):
    """Only one adopted set a year."""

    code = "budget.set_in_use"
    message = "这一年这种支付方式已有采用的测算，请先停用原来的。"


class AlreadyAsked(Conflict):
    """One request of a case."""

    code = "budget.already_asked"
    message = "这个病例已有特例申请。"


class TooManySpecial(Conflict):
    """The share of special cases is limited."""

    code = "budget.too_many_special"
    message = "特例单议不超过出院病例的 %(share)s（本机构本年最多 %(most)s 例），已经用完。"


class AlreadyPaid(Conflict):
    """A paid month is kept."""

    code = "budget.already_paid"
    message = "%(month)s 已经预付，不能重新计算。"


class Frozen(Conflict):
    """A frozen appraisal is corrected by a new edition."""

    code = "budget.frozen"
    message = "考核结果已签署冻结，不能修改。要更正，请建立新版并重新签署。"


class NotReady(Conflict):
    """The year cannot be cleared yet; the sentence says why."""

    code = "budget.not_ready"
    message = "还不能清算：%(why)s"


class AlreadyCleared(Conflict):
    """Another was first."""

    code = "budget.already_cleared"
    message = "这个年度刚刚已由 %(by)s 清算（%(number)s）。"
