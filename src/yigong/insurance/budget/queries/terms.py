"""The terms of the fund from the packs."""

from datetime import date

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.packs.api import every
from yigong.insurance.budget.rules.terms import TERMS, FundTerms


def terms_for(scheme: str, year: int) -> FundTerms:
    """The terms of a scheme that were the last in force in a year; NotFound names what is missing."""
    found = [one for one in every(TERMS, date(year, 12, 31)).values() if one.scheme == scheme]
    if not found:
        raise NotFound(
            _("没有险种 %(scheme)s %(year)s 年的打包参数：请在参数包的 fund 目录中补充。")
            % {"scheme": scheme, "year": year}
        )
    return max(found, key=lambda one: one.effective_from)


def schemes() -> list[tuple[str, str]]:
    """Schemes with terms: code and title in words."""
    known = {one.scheme: one for one in every(TERMS, date(clock.today().year + 1, 12, 31)).values()}
    return [(code, SCHEME_WORDS.get(code, code)) for code in sorted(known, reverse=True)]


SCHEME_WORDS = {"390": "城乡居民", "310": "城镇职工"}
