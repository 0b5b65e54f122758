"""Refusals of the counter, each with what to do next."""

from yigong.core.errors import Conflict, DomainError, InvalidInput


class SettlementError(DomainError):
    """A settlement was refused."""


class AlreadySettled(Conflict):
    """The bill has a settlement that counts."""

    code = "settlement.already"
    message = "账单 %(bill)s 已经结算过（%(number)s），没有重复收费。"


class FiguresChanged(Conflict):
    """What the page showed is not what is due any more."""

    code = "settlement.figures_changed"
    message = "应收金额已由 %(shown)s 元变为 %(now)s 元（账单或本年累计有变动），请核对后再收款。"


class WrongPayment(InvalidInput):
    """The means of payment do not make the sum."""

    code = "settlement.wrong_payment"
    message = "各种付款方式合计 %(paid)s 元，应收 %(due)s 元，请改到一致。"


class TooLittle(InvalidInput):
    """Less cash was handed over than is due in cash."""

    code = "settlement.too_little"
    message = "实收现金 %(given)s 元，少于应收现金 %(due)s 元。"


class TwoCoverages(Conflict):
    """Two enrolments hold on one day."""

    code = "settlement.two_coverages"
    message = "该居民当天有两条参保（%(which)s），待遇不能重复享受：请核实后选定一条结算，并请医保经办终止另一条。"


class AfterDeath(Conflict):
    """The charges are of a day after the person's death."""

    code = "settlement.after_death"
    message = "该居民已于 %(on)s 死亡，账单日期在其后，不能结算。请核对是否冒用身份。"


class NotHere(DomainError):
    """The bill, the settlement or the day belongs to another institution."""

    code = "settlement.not_here"
    message = "这笔业务属于别的机构，请由该机构办理。"
    status = 403


class KindNotOpen(InvalidInput):
    """The chosen benefit does not apply to this bill."""

    code = "settlement.kind_not_open"
    message = "不能按“%(kind)s”结算：%(why)s。"


class LaterFirst(Conflict):
    """A later settlement of the year depends on this one."""

    code = "settlement.later_first"
    message = "本年度之后还有结算 %(later)s，它的起付线或限额以本次为基础：请从最后一次开始依次冲正。"


class MonthClosed(Conflict):
    """The month is closed."""

    code = "settlement.month_closed"
    message = "%(month)s 已月结关账，不能再入账。"


class OnlyTheOffice(DomainError):
    """Settlements of a closed month are corrected by the insurance office."""

    code = "settlement.only_the_office"
    message = "这次结算在已关账的月份，冲正由医保专员办理，冲正单记入当前月份。"
    status = 403


class TillShort(Conflict):
    """There is not enough cash in the till for the refund."""

    code = "settlement.till_short"
    message = "钱箱现金不足：应退 %(wanted)s 元，钱箱有 %(left)s 元。请先领备用金，或由原方式退回。"


class DepositShort(Conflict):
    """More of the deposit is asked for than is left."""

    code = "settlement.deposit_short"
    message = "预交金余额 %(left)s 元，不够 %(wanted)s 元。"


class AccountShort(Conflict):
    """The personal account has less than was shown."""

    code = "settlement.account_short"
    message = "个人账户余额已变动，请重新预结算。"


class SumsDisagree(Conflict):
    """The platform says another sum than we do."""

    code = "settlement.sums_disagree"
    message = "医保平台与本地计算不一致：%(what)s。已转差异台处理，请勿收款。"


class ResultUnknown(Conflict):
    """We do not know whether the platform settled."""

    code = "settlement.result_unknown"
    message = "医保平台没有回应，结果待查：系统正在查询，请勿重复收款，查到结果后会显示在本页。"


class PlatformRefused(Conflict):
    """The platform refused."""

    code = "settlement.platform_refused"
    message = "医保平台拒绝：%(why)s"


class PlatformDown(Conflict):
    """The platform does not answer; nothing was sent that could have had an effect."""

    code = "settlement.platform_down"
    message = "医保平台连接不上（%(why)s），尚未结算。可稍后重试，或先收取押金。"


class NothingToInvoice(Conflict):
    """Only a settlement that counts has an invoice."""

    code = "settlement.nothing_to_invoice"
    message = "结算单 %(number)s 没有入账或已冲正，不能开票。"


class CardLost(Conflict):
    """The card was reported lost."""

    code = "settlement.card_lost"
    message = "这张社会保障卡已挂失，不能用于结算。请改用医保电子凭证或身份证。"


class NothingSettled(Conflict):
    """A sheet says that somebody paid."""

    code = "settlement.nothing_settled"
    message = (
        "这一笔还没有结算成功，不能打印结算单。结果待查的，查到以后再打印；金额不符的，等医保专员处理后重新结算再打印。"
    )
