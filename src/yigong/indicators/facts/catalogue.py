"""The catalogue of facts: columns in the order of the views, after ``id``, ``at`` and ``month``."""

# texts: data (words of the catalogue, shown as they are)

from yigong.indicators.facts import Column, Fact

_HERE = Column("institution_id", "place", "机构")


def _flag(name: str, label: str) -> Column:
    return Column(name, "bool", label)


def _number(name: str, label: str, unit: str = "") -> Column:
    return Column(name, "int", label, unit)


def _word(name: str, label: str, words: str = "", *, plain: bool = False) -> Column:
    return Column(name, "string", label, words=words, plain=plain)


INSTITUTION = Fact(
    "institution", "机构（按月）", "network", "institutions",
    ("network_institution", "network_countycounting", "network_membership"),
    (
        _HERE, _word("level", "层级", "level"), _word("category", "机构类别"), _flag("primary_care_p1", "基层(P1)"), _flag("primary_care_p2", "基层(P2)"),
        _flag("in_county", "计入县域内"), _flag("is_public", "公立"), _flag("is_township", "乡镇卫生院"), _flag("is_village", "村卫生室"),
        _flag("is_county_hospital", "县级医院"), _flag("is_chinese_medicine", "中医医院"), _flag("is_lead", "牵头医院"),
        Column("community_id", "key", "医共体"), Column("township_id", "key", "镇域"),
    ),
    lasting=True,
)  # fmt: skip

FACTS = (
    INSTITUTION,
    Fact(
        "visit", "诊疗人次", "records", "treated in the county", ("records_encounter", "network_department"),
        (_HERE, _word("kind", "类别", "contact"), _flag("chinese_medicine", "中医科室")),
    ),
    Fact(
        "stay", "出院", "records", "discharged in the county",
        ("records_encounter", "clinic_stay", "clinic_frontpage", "clinic_frontpageprocedure", "referrals_referral"),
        (
            _HERE, _number("days", "住院日", "天"), _flag("died", "死亡"), _flag("has_front_page", "有病案首页"), _number("operations", "手术台次", "台"),
            _number("operations_level_3_4", "三、四级手术", "台"), _number("operations_level_4", "四级手术", "台"), _flag("referred_down", "已下转"),
        ),
    ),
    Fact(
        "charge", "收费明细", "clinic", "charged in the county", ("clinic_chargeline", "clinic_bill"),
        (_HERE, _flag("inpatient", "住院"), _word("category", "费用类别", "charge"), _number("amount", "金额", "分")),
    ),
    Fact(
        "settlement", "医保结算", "insurance.budget", "insured of the county", ("budget_fundfact",),
        (
            _HERE, Column("home_id", "place", "参保人所在镇"), _word("scheme", "险种", "scheme"), _word("kind", "待遇", "benefit"), _flag("inside", "县域内"),
            _flag("inpatient", "住院"), _flag("provisional", "初步"), _number("cases", "人次"), _number("total", "总费用", "分"),
            _number("pool", "统筹支付", "分"), _number("funds", "基金支付", "分"), _number("person", "个人负担", "分"),
        ),
        view="insured",
    ),
    Fact(
        "inpatient_case", "住院病例", "insurance.budget", "settled inpatients of the county's hospitals", ("budget_fundcase",),
        (
            _HERE, _word("scheme", "险种", "scheme"), _flag("insured_here", "本县参保"), _flag("grouped", "已入组"), _number("days", "住院日", "天"),
            _number("cost", "费用", "分"), _number("pool", "统筹支付", "分"), _flag("died", "死亡"),
        ),
    ),
    Fact(
        "referral", "转诊", "referrals", "referred", ("referrals_referral",),
        (
            _HERE, Column("to_institution_id", "place", "转入机构"), _word("number", "转诊单号", plain=True), _word("direction", "方向", "direction"), _word("urgency", "缓急", "urgency"),
            _flag("answered", "已答复"), _number("answer_minutes", "答复用时", "分钟"), _flag("arrived", "已到诊"),
            _flag("first_visit_done", "下转已首访"), _flag("complete", "已完成"),
        ),
        page="referrals:detail",
    ),
    Fact(
        "report", "签发报告", "orders", "reports issued", ("orders_order",),
        (
            _HERE, Column("reporting_institution_id", "place", "出具机构"), _word("number", "申请单号", plain=True), _word("service", "中心", "service"),
            _flag("by_centre", "由共享中心出具"), _number("minutes", "用时", "分钟"),
        ),
        page="orders:detail",
    ),
    Fact(
        "critical", "危急值", "orders", "critical values", ("orders_criticalvalue", "orders_order"),
        (
            _HERE, Column("reporting_institution_id", "place", "发现机构"), _word("service", "中心", "service"), _flag("notified", "已通报"),
            _number("notify_minutes", "通报用时", "分钟"), _flag("acknowledged", "已接收"),
        ),
    ),
    Fact(
        "specimen", "标本", "laboratory", "specimens that came to a laboratory", ("laboratory_tube",),
        (_HERE, Column("centre_id", "place", "检验机构"), _word("specimen", "标本"), _flag("rejected", "已拒收")),
    ),
    Fact(
        "film", "影像质量", "imaging", "images graded", ("imaging_imagingdetail", "orders_order"),
        (_HERE, _flag("grade_a", "甲级"), _flag("waste", "废片")),
    ),
    Fact(
        "recognition", "结果互认", "orders", "earlier results offered", ("orders_recognition", "orders_repeatfinding"),
        (
            _HERE, Column("giver_id", "place", "原检查机构"), _word("service", "中心", "service"), _word("item", "项目", plain=True), _flag("recognised", "已认可"),
            _flag("repeated", "认可后又重做"), _number("price", "项目价格", "分"),
        ),
    ),
    Fact(
        "enrolment", "在管人员（按月）", "programmes", "enrolled",
        ("programmes_enrolment", "programmes_visit", "records_encounter"),
        (
            _HERE, _word("programme", "方案", "programme"), _flag("seen_this_year", "本年已随访"), _number("visits_this_year", "本年随访", "次"),
            _flag("admitted_this_year", "本年住过院"),
        ),
        lasting=True,
    ),
    Fact(
        "programme_visit", "随访", "programmes", "followed up", ("programmes_visit", "programmes_enrolment"),
        (
            _HERE, _word("programme", "方案", "programme"), _word("stage", "随访类型"), _word("grade", "分级"), _flag("face_to_face", "面访"),
            _flag("entered_late", "补录"),
        ),
    ),
    Fact(
        "contract", "家庭医生签约", "contracts", "signed contracts", ("contracts_contract",),
        (_HERE, _word("number", "协议号", plain=True), _flag("in_force", "有效期内")),
        page="contracts:detail",
    ),
    Fact(
        "secondment", "派驻满六个月", "network", "seconded", ("network_secondment", "network_staff", "network_post", "network_institution"),
        (_HERE, _flag("intermediate_or_above", "中级及以上"), _flag("title_unknown", "职称空白"), _flag("from_county_hospital", "来自县级医院")),
    ),
    Fact(
        "insured", "参保人数（按月）", "insurance.coverage", "insured of the county", ("coverage_enrolment", "residents_resident"),
        (_HERE, _word("scheme", "险种", "scheme"), _number("people", "人数")),
        lasting=True, view="insured",
    ),
    Fact(
        "coverage", "中心覆盖（按月）", "orders", "institutions", ("orders_order", "network_institution"),
        (_HERE, _number("imaging_reports_this_year", "本年影像报告", "份"), _number("ecg_reports_this_year", "本年心电报告", "份")),
        lasting=True,
    ),
)  # fmt: skip
