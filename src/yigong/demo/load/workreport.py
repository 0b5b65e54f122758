"""Two frozen months and the work report of the last one, half written, so that the director's office has something to go on with."""

from yigong.access import api as access
from yigong.core import clock
from yigong.core.months import add_months, first_of
from yigong.demo.load.network import Keys
from yigong.indicators import api as indicators
from yigong.workreport import api as workreport

_SIGNED = "演示数据：部分指标没有县外结算回流，带问题签署"
_TEXTS = {
    "overview": "医共体由县人民医院牵头，各乡镇卫生院为成员单位，村卫生室由所在乡镇卫生院管理。\n本月召开议事会一次，通过了影像、心电中心向村延伸的安排。",
    "problems": "一是县外住院的结算回流晚，县域内占比要等回流后才能核定。\n二是财务、死因等数据还没有接入，相关指标只能写“无数据”。",
}


def begin(keys: Keys) -> None:
    """After the figures were counted: the quality manager signs, the director freezes, the bureau's report is built and begun."""
    quality, director, bureau = (
        access.actor_of(keys.of("account", name)) for name in ("zhikong", "yuanzhang", "weijian")
    )
    last = add_months(first_of(clock.today()), -1)
    for month in (add_months(last, -1), last):
        key = indicators.open_period(kind="month", first=month, actor=quality)
        indicators.sign_period(period_id=key, actor=quality, reason=_SIGNED)
        indicators.freeze_period(period_id=key, actor=director)
    row = workreport.ask_edition(
        template="community-progress", kind="month", first=last, scope="county", provisional=False, actor=bureau
    )
    workreport.build_edition(edition_id=row.pk, actor=bureau)
    for chapter, text in _TEXTS.items():
        workreport.save_chapter(edition_id=row.pk, chapter=chapter, text=text, base=0, actor=bureau)
