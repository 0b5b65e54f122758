"""The forms against the fields of the national specification (3rd edition, 2017, and the report cards): every field is asked, with its options.

The lists are the specification's, in its order; the second word says where the field is asked: an item of the form, ``head`` (day and way above every
visit), ``file`` (the resident's file, never typed twice), ``plan`` (reckoned: next visit, grade, month) or ``staff`` (who recorded where).
"""

import pytest

from yigong.core.forms import api as forms
from yigong.core.forms.definition import Item
from yigong.programmes.forms import VisitHead
from yigong.programmes.models import Due, SiteRecord, Visit
from yigong.programmes.rules import sites
from yigong.programmes.rules.packs import programmes
from yigong.residents.data import ResidentData

# (field, where, options; 0: no list)
Field = tuple[str, str, int]
_MENTAL_ACTS: list[Field] = [
    ("轻度滋事次数", "acts_minor", 0), ("肇事次数", "acts_trouble", 0), ("肇祸次数", "acts_grave", 0), ("其他危害行为次数", "acts_harm", 0),
    ("自伤次数", "acts_self", 0), ("自杀未遂次数", "acts_suicide", 0), ("无危险行为", "acts", 7),
]  # fmt: skip
_TB_TAUGHT = [
    "取药地点、时间", "服药记录卡的填写", "服药方法及药品存放", "肺结核治疗疗程", "不规律服药危害", "服药后不良反应及处理", "治疗期间复诊查痰",
    "外出期间如何坚持服药", "生活习惯及注意事项", "密切接触者检查",
]  # fmt: skip
SPECIFICATION: dict[str, list[Field]] = {
    "mental-enrolment": [
        ("监护人姓名", "guardian", 0), ("与患者关系", "guardian_relation", 0), ("监护人电话", "guardian_phone", 0), ("监护人住址", "guardian_address", 0),
        ("村（居）委会联系人", "committee_person", 0), ("村（居）委会联系电话", "committee_phone", 0), ("户别", "household", 2), ("就业情况", "work", 9),
        ("知情同意", "consent", 2), ("签字", "consent_by", 2), ("签字时间", "consent_on", 0), ("初次发病时间", "first_onset", 0),
        ("既往主要症状", "past_symptoms", 12), ("既往关锁情况", "past_locked", 3), ("既往门诊治疗", "past_clinic", 3),
        ("首次抗精神病药治疗时间", "first_treated", 0), ("既往住院次数", "past_admitted", 0), ("目前诊断", "diagnosis", 6), ("确诊医院", "diagnosed_by", 0),
        ("确诊日期", "diagnosed_on", 0), ("最近一次治疗效果", "last_effect", 4), *((field, f"past_{code}", n) for field, code, n in _MENTAL_ACTS), ("经济状况", "economy", 2), ("专科医生意见", "specialist_opinion", 0),
        ("填表日期", "plan", 0), ("医生签字", "staff", 0),
    ],
    "mental-followup": [
        ("随访日期", "head", 0), ("本次随访形式", "head", 3), ("危险性评估", "risk", 6), ("目前症状", "symptoms_now", 13), ("自知力", "insight", 3), ("睡眠情况", "sleep", 3),
        ("饮食情况", "appetite", 3), ("个人生活料理", "social_life", 3), ("家务劳动", "social_house", 3), ("生产劳动及工作", "social_work", 4),
        ("学习能力", "social_study", 3), ("社会人际交往", "social_people", 3), *_MENTAL_ACTS, ("两次随访期间关锁情况", "locked", 3),
        ("两次随访期间住院情况", "inpatient", 3), ("末次出院时间", "left_on", 0), ("实验室检查", "lab", 2), ("实验室检查结果", "lab_note", 0), ("用药依从性", "adherence", 4),
        ("药物不良反应", "reaction", 4), ("药物不良反应表现", "reaction_note", 0), ("治疗效果", "effect", 5), ("是否转诊", "referred", 2), ("转诊原因", "refer_reason", 0),
        ("转诊至机构及科室", "refer_to", 0), ("转诊联系结果", "refer_contact", 0), ("用药情况", "medicines", 0), ("康复措施", "rehabilitation", 5),
        ("躯体疾病", "physical", 3), ("本次随访分类", "plan", 0), ("下次随访日期", "plan", 0), ("随访医生", "staff", 0),
    ],
    "mental-lost": [("失访原因", "lost_reason", 5)],
    "mental-death": [("死亡日期", "died_on", 0), ("死亡原因", "death_cause", 6), ("死于何种躯体疾病", "death_illness", 8)],
    "tb-first": [
        ("随访时间", "head", 0), ("随访方式", "head", 3), ("患者类型", "patient_kind", 2), ("痰菌情况", "sputum", 3), ("耐药情况", "resistant", 3), ("症状及体征", "tb_symptoms", 10),
        ("其他症状", "tb_symptoms_note", 0), ("化疗方案", "regimen", 0), ("用法", "usage", 2), ("药品剂型", "dosage", 4), ("督导人员选择", "supervisor", 4),
        ("单独的居室", "own_room", 2), ("通风情况", "ventilation", 3), ("吸烟", "smoking", 0), ("吸烟目标", "smoking_goal", 0), ("饮酒", "drinking", 0),
        ("饮酒目标", "drinking_goal", 0), ("取药地点", "pickup_place", 0), ("取药时间", "pickup_on", 0),
        *((text, f"taught_{n}", 2) for n, text in enumerate(_TB_TAUGHT, 1)), ("下次随访时间", "plan", 0), ("评估医生", "staff", 0),
    ],
    "tb-followup": [
        ("随访时间", "head", 0), ("治疗月序", "treatment_month", 0), ("督导人员", "supervisor", 4), ("随访方式", "head", 3), ("症状及体征", "tb_symptoms", 10),
        ("其他症状", "tb_symptoms_note", 0), ("吸烟", "smoking", 0), ("吸烟目标", "smoking_goal", 0), ("饮酒", "drinking", 0), ("饮酒目标", "drinking_goal", 0),
        ("化疗方案", "regimen", 0), ("用法", "usage", 2), ("药品剂型", "dosage", 4), ("漏服药次数", "missed_doses", 0), ("药物不良反应", "reaction", 2),
        ("不良反应表现", "reaction_note", 0), ("并发症或合并症", "comorbidity", 2), ("并发症或合并症名称", "comorbidity_note", 0), ("转诊科别", "refer_to", 0),
        ("转诊原因", "refer_reason", 0), ("2周内随访结果", "refer_result", 0), ("处理意见", "guidance", 0), ("下次随访时间", "plan", 0), ("随访医生", "staff", 0),
    ],
    "tb-closing": [
        ("出现停止治疗时间", "stopped_on", 0), ("停止治疗原因", "stop_reason", 4), ("应访视患者次数", "supervised_due", 0), ("实际访视次数", "supervised_done", 0),
        ("疗程中应服药次数", "doses_due", 0), ("实际服药次数", "doses_taken", 0), ("服药率", "dose_rate", 0), ("评估医生", "staff", 0),
    ],
    "infectious-enrolment": [
        ("姓名", "file", 0), ("家长姓名", "parent", 0), ("证件号码", "file", 0), ("性别", "file", 0), ("出生日期", "file", 0), ("工作单位（学校）", "workplace", 0),
        ("联系电话", "card_phone", 0), ("病人属于", "belongs", 6), ("现住地址（到门牌号）", "home", 0), ("人群分类", "people_group", 18), ("病例分类（1）", "case_kind", 5),
        ("病例分类（2）", "case_course", 2), ("发病日期", "onset_on", 0), ("诊断日期", "diagnosed_on", 0), ("诊断时间（到小时）", "diagnosed_hour", 0),
        ("死亡日期", "died_on", 0), ("疾病名称", "disease", 0), ("报告时限类别", "urgency", 2), ("报告单位", "staff", 0), ("报告医生", "staff", 0), ("填卡日期", "plan", 0),
        ("备注", "card_note", 0),
    ],
    "infectious-report": [
        ("卡片编号", "card_number", 0), ("报卡类别", "report_kind", 2), ("院内审核", "hospital_check", 2), ("县疾控审核", "cdc_check", 3), ("退卡原因", "return_reason", 0),
        ("订正病名", "corrected_disease", 0), ("订正病例分类", "corrected_kind", 6), ("死亡日期", "died_on", 0), ("备注", "report_note", 0),
    ],
    "copd-followup": [
        ("症状", "symptoms", 8), ("身高", "height", 0), ("体重", "weight", 0), ("目标体重", "weight_goal", 0), ("血压（收缩压）", "sbp", 0), ("血压（舒张压）", "dbp", 0),
        ("心率", "heart_rate", 0), ("呼吸频率", "respiration", 0), ("体征", "signs", 9), ("年内急性加重次数", "moderate", 0), ("因急性加重住院次数", "admitted", 0),
        ("吸烟", "smoking_state", 3), ("日吸烟量", "smoking", 0), ("日吸烟量目标", "smoking_goal", 0), ("运动", "exercise_times", 0), ("每次运动", "exercise_minutes", 0),
        ("运动目标", "exercise_times_goal", 0), ("每次运动目标", "exercise_minutes_goal", 0), ("心理调整", "mind", 3), ("遵医行为", "compliance", 3), ("FEV1", "fev1_litres", 0),
        ("FEV1/FVC", "ratio", 0), ("FEV1占预计值", "fev1", 0), ("血氧饱和度", "spo2", 0), ("血常规", "blood_count", 3), ("胸片", "chest_film", 3), ("心电图", "ecg", 3),
        ("CAT", "cat", 0), ("mMRC", "mmrc", 0), ("GOLD分级", "plan", 0), ("综合分组", "plan", 0), ("管理等级", "plan", 0), ("用药依从性", "adherence", 3),
        ("不良反应", "reaction", 3), ("吸入装置使用", "inhaler", 4), ("肺康复", "rehabilitation", 2), ("氧疗", "oxygen", 2), ("无创通气", "ventilator", 2),
        ("疫苗", "vaccines", 3), ("用药", "medicines", 0), ("危险因素", "exposures", 9), ("下次随访日期", "plan", 0), ("随访医生", "staff", 0),
    ],
    "aefi-enrolment": [
        ("姓名", "file", 0), ("性别", "file", 0), ("出生日期", "file", 0), ("监护人姓名", "guardian", 0), ("联系电话", "card_phone", 0), ("现住地址", "home", 0),
        ("可疑疫苗", "vaccine", 0), ("生产企业", "maker", 0), ("批号", "lot", 0), ("剂次", "dose_no", 0), ("接种日期", "given_on", 0), ("接种部位", "site", 6),
        ("接种途径", "route", 5), ("接种单位", "given_at", 0), ("同时接种的疫苗", "same_time", 0), ("反应发生日期", "onset_on", 0), ("发现日期", "found_on", 0),
        ("发现时间", "found_hour", 0), ("主要临床经过", "signs_note", 0), ("发热（腋温）", "celsius", 0), ("局部红肿或硬结", "swelling", 0), ("主要表现", "signs", 9),
        ("初步诊断", "first_diagnosis", 0), ("死亡、残疾、群体性、社会影响", "grave", 4), ("群体性例数", "cluster_number", 0), ("报告时限类别", "urgency", 2),
        ("报告单位", "staff", 0), ("报告人", "staff", 0),
    ],
    "aefi-report": [
        ("电话报告", "phoned", 2), ("网络报告编号", "card_number", 0), ("处置", "treated", 3), ("就诊医院", "hospital", 0), ("转归", "outcome", 5), ("死亡日期", "died_on", 0),
        ("初步分类", "reaction_class", 7),
    ],
    "outreach-lecture": [
        ("活动时间", "day", 0), ("活动地点", "place", 0), ("活动主题", "topic", 0), ("组织者", "organiser", 0), ("主讲人", "speaker", 0), ("接受人员类别", "audience", 8),
        ("接受人数", "people", 0), ("发放资料种类", "given_kinds", 0), ("发放资料数量", "given_copies", 0), ("活动内容", "content", 0), ("总结评价", "summary", 0),
        ("存档材料", "archive", 5), ("负责人", "responsible", 0), ("填表人", "staff", 0),
    ],
    "outreach-patrol": [
        ("巡查地点与内容", "place", 0), ("巡查内容", "topic", 6), ("主要问题", "problem", 0), ("巡查日期", "day", 0), ("备注", "remark", 0), ("巡查人", "staff", 0),
    ],
    "outreach-clue": [
        ("发现时间", "found_on", 0), ("发现时间（时）", "found_time", 0), ("信息类别", "clue_kind", 6), ("信息内容", "content", 0), ("报告时间", "reported_on", 0), ("报告人", "staff", 0),
    ],
}  # fmt: skip
OUTREACH = {a.form for p in sites.definitions().values() for a in p.activities}


def form_of(code: str) -> forms.FormDefinition:
    """The newest form of a code."""
    return forms.form(code)


def wrong(asked: dict[str, Item], field: str, where: str, options: int) -> str:
    """What is the matter with a field; blank when it is asked as the specification says."""
    kept = {
        "head": lambda: {"on", "way"} <= set(VisitHead.base_fields) and (not options or len(Visit.Way.choices) == options),
        "file": lambda: {"name", "sex_label", "birth_date", "masked_number"} <= set(ResidentData.__dataclass_fields__),
        "plan": lambda: hasattr(Visit, "grade") and hasattr(Due, "due_on"), "staff": lambda: hasattr(Visit, "staff_id") and hasattr(SiteRecord, "staff_id"),
        "day": lambda: hasattr(SiteRecord, "on"),
    }  # fmt: skip
    if where in kept:
        return "" if kept[where]() else f"{field} stands nowhere"
    if where not in asked:
        return f"{field}: no item {where}"
    found = len(asked[where].options)
    return f"{field}: {found} options, not {options}" if options and found != options else ""


@pytest.mark.parametrize("code", SPECIFICATION)
def test_every_field_is_asked(code: str) -> None:
    """Each field of the specification, with as many options as it has there; no form calls itself a shortened one."""
    form = form_of(code)
    asked = {i.code: i for i in form.items}
    problems = [p for field, where, n in SPECIFICATION[code] if (p := wrong(asked, field, where, n))]
    fields = len(SPECIFICATION[code])
    print(f"\n{code}: {fields - len(problems)} of {fields} fields of the specification asked")
    assert fields and not problems, problems
    assert "要点" not in form.title + form.source


def test_in_all() -> None:
    """The sum, and that the six programmes and the light definitions ask by these forms."""
    total = sum(len(fields) for fields in SPECIFICATION.values())
    missing = [
        p
        for code, fields in SPECIFICATION.items()
        for field, where, n in fields
        if (p := wrong({i.code: i for i in form_of(code).items}, field, where, n))
    ]
    print(f"\n{total - len(missing)} of {total} fields of the specification asked in {len(SPECIFICATION)} forms")
    used = {s.form for p in programmes().values() for s in p.stages} | {p.enrol_form for p in programmes().values()}
    used |= {e.form for p in programmes().values() for e in p.endings} | OUTREACH
    assert total > 250 and not missing and set(SPECIFICATION) <= used
