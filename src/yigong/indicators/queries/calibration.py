"""The figures that one county published for 2024, beside what this platform counts of a county made of the published parts."""

# texts: data
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from yigong.indicators.data import Span
from yigong.indicators.queries.figures import figures_of
from yigong.indicators.queries.registry import counted, registry
from yigong.indicators.rules.figures import possible_counts, rounded

VILLAGE_DOCTORS = 318
TEAMS = 153
PEOPLE = 350_000  # not published; the reference's own guess


@dataclass(frozen=True, slots=True)
class Published:
    """``code`` is the indicator that counts it; without one ``told`` says what stands in the way."""

    number: str
    name: str
    value: str
    code: str = ""
    digits: int = 0
    told: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Published and computed side by side, and what the difference is or comes from."""

    number: str
    name: str
    published: str
    computed: str
    told: str


PUBLISHED = (
    Published(
        "P01",
        "总诊疗人次",
        "1163518",
        "visits",
        told="公布的是医共体口径，未说明是否含村卫生室与民营诊所；这里含两者。",
    ),
    Published("P02", "基层诊疗占比", "60", "primary-visit-share", told="公布值为整数；P1 不含诊所。"),
    Published(
        "P03",
        "公立医院出院患者四级手术比例",
        "25.43",
        "level-4-operations",
        2,
        "公布时未说明分母；这里除以有级别的手术台次。",
    ),
    Published("P04", "平均住院天数", "7.72", "length-of-stay", 2, "公布时未说明机构范围；这里含乡镇。"),
    Published("P05", "转诊服务人次", "2481", told="未分上下转；这里是到诊的上转与下转之和。"),
    Published("P06", "按病种付费住院参保人占比", "95.86", "payment-by-group-share", 2, "按人次。"),
    Published(
        "P07",
        "家庭医生签约团队",
        str(TEAMS),
        "family-doctor-teams",
        told="公布的含县乡村三级医生；这里按月末在任的团队计。",
    ),
    Published(
        "P08", "常住人口签约率", "78.45", told="公布时没有人口数；这里按 35 万人推算，签约率本身由签约模块按人计算。"
    ),
    Published(
        "P09", "重点人群签约率", "≥90", "key-people-contracts", 2, "公布时各类分列；这里各类合计，一人只计一次。"
    ),
    Published(
        "P10",
        "对村服务队",
        "166",
        told="“3+1”的构成没有公布：若是家庭医生团队的另一种叫法，P07 已计 153 个，两数不同；若另有名册，平台没有登记的地方。没有可比的记录，不凑数。",
    ),
    Published(
        "P11",
        "村卫生室提档升级",
        "110",
        told="是改造工程当年完工的数目，平台不管基建；改造后的结果是 P12 的评审结果，那里有数。用评审结果倒推完工数，会把原来就达标的也算进去。",
    ),
    Published("P12", "村卫生室标准化率", "≥95", "village-clinic-standard", 2, "分母是开诊的全部村卫生室。"),
    Published("P13", "在岗乡村医生", str(VILLAGE_DOCTORS), "village-doctors", told="按月末在岗计，一人只计一次。"),
    Published("P14", "其中执业（助理）医师比例", "71.47", "licensed-village-doctors", 2),
    Published(
        "P15",
        "省市级专家结对帮扶（人次）",
        "50 余",
        "outside-experts",
        told="公布时没有说怎么计人次；这里每登记一次县外专家的派驻或帮扶计一人次。",
    ),
    Published(
        "P16",
        "优质服务基层行达标率",
        "100",
        "good-service-standard",
        told="社区医院标准 1、基本标准 8 之外没有公布其他等次；这里三个等次都算达标。",
    ),
    Published(
        "P17",
        "中心数",
        "25",
        "shared-centres",
        told="公布的 25 个含“两办十六部”（共 18 个管理机构），没有列名；这里只数七类共享中心。18 加 7 正好是 25，但没有名单，不能断定就是这样。",
    ),
)


def compared(first: date, last: date) -> Iterator[Line]:
    """Every published figure, in its order."""
    now = figures_of(counted(last).values(), Span(first, last), None)
    for one in PUBLISHED:
        if one.number == "P05":
            parts = [now[code].amounts for code in ("referrals-up", "referrals-down")]
            arrived = sum(part.numerator for part in parts if part)
            yield _line(one, Decimal(arrived), f"{arrived:,}")
        elif one.number == "P08":
            signed = now["contracts-signed"].amounts
            share = rounded(Decimal(signed.numerator if signed else 0) * 100 / PEOPLE, 2)
            yield _line(one, share, f"{share}%")
        elif one.number == "P14":
            fits = [n for n in range(300, 340) if possible_counts(one.value, n)]
            found = now[one.code]
            told = (
                f"公布值与 {VILLAGE_DOCTORS} 人不相容：没有整数人数得出 71.47%；300 至 339 人中只有分母 {'、'.join(map(str, fits))} 可以。"
                f"这里是 {found.above} ÷ {found.below}，是 {VILLAGE_DOCTORS} 人中离公布值最近的；多一人就是 71.70%，差得更远。"
            )
            yield _line(
                replace(one, told=told), rounded(found.value, 2) if found.value is not None else None, found.text
            )
        elif one.code in now:
            found = now[one.code]
            yield _line(one, rounded(found.value, one.digits) if found.value is not None else None, found.text)
        else:
            known = registry(last).get(one.code)
            missing = known and (known.missing or "由业务模块按人计算")
            yield Line(one.number, one.name, one.value, "无数据", one.told or f"缺少来源：{missing}。")


def _line(one: Published, figure: Decimal | None, text: str) -> Line:
    least, about = one.value.startswith("≥"), one.value.endswith(" 余")
    value = Decimal(one.value.removeprefix("≥").removesuffix(" 余"))
    # “50 余”: fifty and some, less than sixty.
    same = figure is not None and (
        value < figure < value + 10 if about else figure >= value if least else figure == value
    )
    gap = "" if figure is None else f"相差 {figure - value:+}。"
    return Line(one.number, one.name, one.value, text, ("一致。" if same else gap) + one.told)


def page(lines: list[Line]) -> str:
    """The table as a page of the documentation."""
    same = sum(line.told.startswith("一致") for line in lines)
    without = sum(line.computed == "无数据" for line in lines)
    rows = [f"| {line.number} | {line.name} | {line.published} | {line.computed} | {line.told} |" for line in lines]
    return "\n".join(
        [
            "# Published against computed",
            "",
            "What one county published for 2024 (清徐), beside what the indicators count of a county of the same size that is made of the published parts",
            "(`indicators.made_county`: 1,163,518 visits, 60 % of them at primary care, and so on). Where they agree, the definitions read the published",
            "words as this county means them; where there is no figure, the missing source is named. Written by",
            "`./yigong bench indicators --write docs/reference/calibration.md`; do not edit.",
            "",
            f"{same} of {len(lines)} agree, {len(lines) - same - without} differ, {without} have no figure here; each says why.",
            "",
            "| | published | value | computed | difference |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )
