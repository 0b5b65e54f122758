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
        _HERE, _word("level", "层级", "level"), _word("category", "机构类别"), _flag("primary_care_p1", "基层（P1）"), _flag("primary_care_p2", "基层（P2）"),
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
        ("records_encounter", "records_document", "clinic_stay", "clinic_frontpage", "clinic_frontpageprocedure", "referrals_referral"),
        (
            _HERE, _number("days", "住院日", "天"), _flag("died", "死亡"), _flag("has_front_page", "有病案首页"), _number("operations", "手术台次", "台"),
            _number("operations_level_3_4", "三、四级手术", "台"), _number("operations_level_4", "四级手术", "台"), _flag("referred_down", "已下转"),
            _flag("summary_sent", "有出院小结"), _flag("summary_in_a_day", "24 小时内"),
        ),
    ),
    Fact(
        "charge", "收费明细", "clinic", "charged in the county", ("clinic_chargeline", "clinic_bill", "clinic_pastcharge"),
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
            _HERE, _word("programme", "方案", "programme"), _flag("seen_this_year", "本年已随访"),
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
    Fact(
        "team", "家庭医生团队（按月）", "contracts", "family-doctor teams", ("contracts_team", "contracts_stint", "contracts_contract"),
        (_HERE, _number("people", "有效签约", "人")),
        lasting=True,
    ),
    Fact(
        "key_person", "重点人群（按月）", "contracts", "key people", ("contracts_groupmember", "contracts_contract", "residents_resident"),
        (_HERE, _flag("signed", "有效签约")),
        lasting=True,
    ),
    Fact(
        "post", "在岗人员（按月）", "network", "people in post", ("network_post", "network_qualification"),
        (
            _HERE, _word("role", "岗位", "role"), _flag("licensed", "执业（助理）医师"), _flag("general_practitioner", "全科医生"),
            _flag("again_in_role", "同岗兼职"), _flag("again", "兼职"),
        ),
        lasting=True,
    ),
    Fact(
        "workforce", "人口与全科医生（按月）", "network", "residents and general practitioners",
        ("residents_resident", "network_post", "network_qualification"),
        (_HERE, _number("people", "在册居民", "人"), _number("general_practitioners", "全科医生", "人")),
        lasting=True,
    ),
    Fact(
        "centre", "共享中心（按月）", "network", "shared centres", ("network_centre",),
        (_HERE, _word("kind", "类型", "centre"), _word("name", "中心", plain=True)),
        lasting=True,
    ),
    Fact(
        "accreditation", "达标评审（按月）", "network", "institutions assessed", ("network_accreditation", "network_institution"),
        (
            _HERE, _flag("service_due", "应评优质服务基层行"), _word("service_level", "优质服务基层行", "standard"), _flag("service_met", "达到标准"),
            _flag("clinic_met", "村卫生室达标"),
        ),
        lasting=True,
    ),
    Fact(
        "consultation", "远程会诊", "consultation", "consultations asked for", ("consultation_consultation", "orders_order"),
        (
            _HERE, Column("centre_id", "place", "受邀机构"), _word("number", "申请单号", plain=True), _word("priority", "缓急", "urgency"),
            _flag("concluded", "已出结论"), _number("minutes", "用时", "分钟"),
        ),
        page="orders:detail",
    ),
    Fact(
        "pathology_case", "病理病例", "pathology", "cases of pathology",
        ("pathology_case", "orders_order", "orders_orderitem", "orders_report", "orders_reportversion"),
        (
            _HERE, Column("centre_id", "place", "病理机构"), _word("number", "申请单号", plain=True), _word("specimen", "标本类别", "specimen"),
            _flag("reported", "已出正式报告"), _number("working_days", "工作日", "天"), _flag("told", "已有报告"), _number("minutes", "到首次报告", "分钟"),
        ),
        page="orders:detail",
    ),
    Fact(
        "sterile_load", "灭菌锅次", "sterile", "loads judged", ("sterile_load",),
        (_HERE, _word("number", "锅次号", plain=True), _word("programme", "灭菌程序", plain=True), _flag("passed", "合格")),
    ),
    Fact(
        "sterile_pack", "发放的无菌包", "sterile", "packs issued", ("sterile_round", "sterile_pack", "sterile_scan"),
        (
            _HERE, Column("destination_id", "place", "领用机构"), _word("label", "包条码", plain=True), _number("steps", "扫描环节", "个"),
            _flag("traced", "环节齐全"),
        ),
    ),
    Fact(
        "emergency_target", "急救时限", "emergency", "targets of emergencies", ("emergency_targetclock", "emergency_case"),
        (
            _HERE, Column("centre_id", "place", "急救中心"), _word("number", "病例号", plain=True), _word("pathway", "通道", "pathway"),
            _word("target", "时限代码"), _word("label", "时限", plain=True), _flag("over", "已有结果"), _flag("met", "达标"), _number("minutes", "用时", "分钟"),
        ),
    ),
    Fact(
        "waiting", "候诊", "clinic", "registered and called on one day", ("clinic_visit",),
        (_HERE, _word("number", "就诊号", plain=True), _word("manner", "挂号方式", "manner"), _number("minutes", "候诊", "分钟")),
    ),
    Fact(
        "stop", "物流停靠", "logistics", "stops of tours", ("logistics_runstop", "logistics_run"),
        (
            _HERE, Column("base_id", "place", "出车机构"), _word("number", "班次号", plain=True), _flag("reached", "已到"), _number("minutes_late", "晚到", "分钟"),
        ),
    ),
    Fact(
        "consignment", "运送物品", "logistics", "goods on their way", ("logistics_consignment", "logistics_temperature"),
        (
            _HERE, Column("receiver_id", "place", "接收机构"), _word("number", "交运单号", plain=True), _word("goods", "物品", "goods"), _word("band", "温度要求", "band"),
            _flag("measured", "测过温度"), _flag("within_limits", "温度合格"), _flag("over", "已有结果"), _flag("whole", "完好签收"),
        ),
        page="logistics:consignment",
    ),
    Fact(
        "outreach", "场所巡查与宣教", "programmes", "done for the public", ("programmes_siterecord", "forms_formresponse"),
        (
            _HERE, _word("programme", "工作"), _word("activity", "活动", "activity"), _word("thing", "主题", plain=True),
            _number("people", "受益人次", "人次"), _number("copies", "发放份数", "份"),
        ),
    ),
    Fact(
        "aid", "医疗救助与减免", "insurance.assistance", "assisted", ("assistance_payment",),
        (
            Column("institution_id", "place", "就诊机构"), _word("number", "支付单号", plain=True), _word("fund", "资金", "aid"), _flag("owed", "待拨付"),
            _number("amount", "金额", "分"),
        ),
    ),
    Fact(
        "secondment_month", "派驻人月", "network", "months of secondments", ("network_secondment", "records_encounter"),
        (_HERE, _word("form", "形式", "secondment"), _number("visits", "诊疗人次", "人次")),
    ),
    Fact(
        "outside_expert", "县外专家帮扶", "network", "experts from outside the county", ("network_secondment", "network_post", "network_institution"),
        (_HERE, _word("form", "形式", "secondment"), _number("days", "天数", "天")),
    ),
)  # fmt: skip
