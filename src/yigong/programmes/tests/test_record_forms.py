"""The forms of the health record beside the fields of the national specification (third edition, 2017): every field is asked, with every answer it has."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from yigong.core.forms import api as forms
from yigong.programmes.rules import judging
from yigong.programmes.rules.packs import programmes
from yigong.residents.data import ContactData, ResidentData

TODAY = date(2026, 6, 15)

# (field of the paper, item of the form, codes of its answers: "1-25" from to, "0,3,5" these, "" none).
# An item "@name" is kept once in the register of residents and printed from there.
BASIC_DATA = [
    ("姓名", "@name", ""), ("编号", "@archive_number", ""), ("性别", "@sex", ""), ("出生日期", "@birth_date", ""), ("身份证号", "@numbers", ""),
    ("工作单位", "employer", ""), ("本人电话", "@masked_phone", ""), ("联系人姓名", "@contacts.name", ""), ("联系人电话", "@contacts.masked_phone", ""),
    ("常住类型", "registered", "1-2"), ("民族", "@ethnicity", ""), ("血型", "blood", "1-5"), ("RH", "rh", "1-3"), ("文化程度", "education", "1-10"),
    ("职业", "occupation", "0-8"), ("婚姻状况", "marriage", "1-5"), ("医疗费用支付方式", "payment", "1-8"), ("医疗费用支付方式其他", "payment_other", ""),
    ("药物过敏史", "allergies", "1-5"), ("药物过敏史其他", "allergies_other", ""), ("暴露史", "exposures", "1-4"),
    ("既往史 疾病", "past", "1-13"), ("疾病 确诊年份", "past_since.year", ""), ("疾病 确诊月份", "past_since.month", ""),
    ("恶性肿瘤名称", "past_tumour", ""), ("职业病名称", "past_job", ""), ("其他疾病名称", "past_other", ""),
    ("手术", "operation", "1-2"), ("手术名称", "operations.what", ""), ("手术时间", "operations.year", ""),
    ("外伤", "injury", "1-2"), ("外伤名称", "injuries.what", ""), ("外伤时间", "injuries.year", ""),
    ("输血", "transfusion", "1-2"), ("输血原因", "transfusions.what", ""), ("输血时间", "transfusions.year", ""),
    ("家族史 父亲", "family_father", "1-12"), ("家族史 母亲", "family_mother", "1-12"), ("家族史 兄弟姐妹", "family_siblings", "1-12"),
    ("家族史 子女", "family_children", "1-12"), ("遗传病史", "hereditary", "1-2"), ("遗传病名称", "hereditary_name", ""), ("残疾情况", "disability", "1-8"),
    ("厨房排风设施", "kitchen", "1-4"), ("燃料类型", "fuel", "1-6"), ("饮水", "water", "1-6"), ("厕所", "toilet", "1-5"), ("禽畜栏", "pen", "1-4"),
]  # fmt: skip
CHECK_UP = [
    ("症状", "symptoms", "1-25"), ("其他症状", "symptoms_other", ""),
    ("体温", "temperature", ""), ("脉率", "pulse", ""), ("呼吸频率", "respiration", ""), ("血压 左侧收缩压", "sbp", ""), ("血压 左侧舒张压", "dbp", ""),
    ("血压 右侧收缩压", "sbp_right", ""), ("血压 右侧舒张压", "dbp_right", ""), ("身高", "height", ""), ("体重", "weight", ""), ("腰围", "waist", ""), ("BMI", "bmi", ""),
    ("健康状态自评", "self_rated", "1-5"), ("自理 进餐", "adl_eating", "0,3,5"), ("自理 梳洗", "adl_washing", "0,1,3,7"), ("自理 穿衣", "adl_dressing", "0,3,5"),
    ("自理 如厕", "adl_toilet", "0,1,5,10"), ("自理 活动", "adl_moving", "0,1,5,10"), ("生活自理能力", "adl_score", ""), ("认知功能", "cognition", "1-2"),
    ("简易智力状态检查总分", "mmse", ""), ("情感状态", "mood", "1-2"), ("老年人抑郁评分总分", "gds", ""),
    ("锻炼频率", "exercise", "1-4"), ("每次锻炼时间", "exercise_minutes", ""), ("坚持锻炼时间", "exercise_years", ""), ("锻炼方式", "exercise_kind", ""),
    ("饮食习惯", "diet", "1-6"), ("吸烟状况", "smoking_state", "1-3"), ("日吸烟量", "smoking", ""), ("开始吸烟年龄", "smoking_from", ""), ("戒烟年龄", "smoking_until", ""),
    ("饮酒频率", "drinking_often", "1-4"), ("日饮酒量", "drinking", ""), ("是否戒酒", "drinking_quit", "1-2"), ("戒酒年龄", "drinking_until", ""),
    ("开始饮酒年龄", "drinking_from", ""), ("近一年醉酒", "drunk", "1-2"), ("饮酒种类", "drinking_kinds", "1-5"),
    ("职业病危害因素接触史", "exposure", "1-2"), ("工种", "exposure_job", ""), ("从业时间", "exposure_years", ""),
    *((f"{name} {what}", f"exposure_{code}{tail}", codes) for name, code in (("粉尘", "dust"), ("放射", "rays"), ("物理", "physical"), ("化学", "chemical"), ("其他", "else"))
      for what, tail, codes in (("名称", "", ""), ("防护", "_guard", "1-2"))),
    ("口唇", "lips", "1-5"), ("齿列", "teeth", "1-4"), ("缺齿位置", "teeth_missing", ""), ("龋齿位置", "teeth_decayed", ""), ("义齿位置", "teeth_false", ""),
    ("咽部", "throat", "1-3"), ("视力 左", "vision_left", ""), ("视力 右", "vision_right", ""), ("矫正视力 左", "vision_left_corrected", ""),
    ("矫正视力 右", "vision_right_corrected", ""), ("听力", "hearing", "1-2"), ("运动功能", "motor", "1-2"),
    ("眼底", "check_eyes", "1-2"), ("皮肤", "skin", "1-7"), ("巩膜", "sclera", "1-4"), ("淋巴结", "nodes", "1-4"), ("桶状胸", "barrel_chest", "1-2"),
    ("呼吸音", "breath_sound", "1-2"), ("罗音", "rales", "1-4"), ("心率", "heart_rate", ""), ("心律", "heart_rhythm", "1-3"), ("杂音", "murmur", "1-2"),
    ("腹部压痛", "abdomen_tender", "1-2"), ("腹部包块", "abdomen_mass", "1-2"), ("肝大", "abdomen_liver", "1-2"), ("脾大", "abdomen_spleen", "1-2"),
    ("移动性浊音", "abdomen_dullness", "1-2"), ("下肢水肿", "oedema", "1-4"), ("足背动脉搏动", "check_foot", "1-4"), ("肛门指诊", "rectal", "1-5"), ("乳腺", "breasts", "1-5"),
    ("外阴", "vulva", "1-2"), ("阴道", "vagina", "1-2"), ("宫颈", "cervix", "1-2"), ("宫体", "uterus", "1-2"), ("附件", "adnexa", "1-2"), ("其他查体", "physical_other", ""),
    ("血红蛋白", "hb", ""), ("白细胞", "wbc", ""), ("血小板", "plt", ""), ("尿蛋白", "urine_protein", "0-5"), ("尿糖", "urine_glucose", "0-5"),
    ("尿酮体", "urine_ketone", "0-5"), ("尿潜血", "urine_blood", "0-5"), ("空腹血糖", "fpg", ""), ("心电图", "ecg", "1-2"), ("尿微量白蛋白", "microalbumin", ""),
    ("大便潜血", "stool_blood", "1-2"), ("糖化血红蛋白", "hba1c", ""), ("HBsAg", "hbsag", "1-2"), ("ALT", "alt", ""), ("AST", "ast", ""), ("白蛋白", "alb", ""),
    ("总胆红素", "tbil", ""), ("结合胆红素", "dbil", ""), ("肌酐", "cr", ""), ("尿素氮", "bun", ""), ("血钾", "k", ""), ("血钠", "na", ""), ("总胆固醇", "tc", ""),
    ("甘油三酯", "tg", ""), ("LDL-C", "ldl", ""), ("HDL-C", "hdl", ""), ("胸部X线", "chest", "1-2"), ("腹部B超", "ultrasound", "1-2"), ("宫颈涂片", "cervical_smear", "1-2"),
    ("其他检查", "tests_other", ""),
    ("脑血管疾病", "problem_brain", "1-6"), ("肾脏疾病", "problem_kidney", "1-6"), ("心脏疾病", "problem_heart", "1-7"), ("血管疾病", "problem_vessel", "1-4"),
    ("眼部疾病", "problem_eyes", "1-5"), ("神经系统疾病", "problem_nerve", "1-2"), ("其他系统疾病", "problem_system", "1-2"),
    *((f"{name} {what}", f"{code}.{column}", "") for name, code in (("住院史", "stays"), ("家庭病床史", "home_stays"))
      for what, column in (("入院或建床日期", "begun"), ("出院或撤床日期", "over"), ("原因", "reason"), ("机构", "place"), ("病案号", "number"))),
    ("用药 名称", "medicines_taken.medicine", ""), ("用药 用法", "medicines_taken.usage", ""), ("用药 用量", "medicines_taken.dose", ""),
    ("用药 时间", "medicines_taken.since", ""), ("用药 依从性", "medicines_taken.adherence", "1-3"),
    ("接种 名称", "vaccinations.vaccine", ""), ("接种 日期", "vaccinations.given", ""), ("接种 机构", "vaccinations.place", ""),
    ("健康评价", "check_result", "1-2"), ("异常1", "abnormal_1", ""), ("异常2", "abnormal_2", ""), ("异常3", "abnormal_3", ""), ("异常4", "abnormal_4", ""),
    ("健康指导", "check_guidance", "1-3"), ("危险因素控制", "risk_control", "1-7"), ("减体重目标", "weight_target", ""), ("建议接种疫苗", "vaccine_advised", ""),
    ("危险因素控制其他", "risk_other", ""),
]  # fmt: skip
LINES = {"medicines_taken": 6}  # the most lines the paper has


def codes_of(text: str) -> list[str]:
    """``1-3`` → 1, 2, 3; ``0,3,5`` as they stand."""
    if "-" in text:
        first, last = text.split("-")
        return [str(n) for n in range(int(first), int(last) + 1)]
    return text.split(",") if text else []


def missing(form: forms.FormDefinition, asked: list[tuple[str, str, str]]) -> list[str]:
    """Fields that the form (or the register) lacks, or that lack an answer."""
    items: dict[str, Any] = {i.code: i for i in form.items}
    items |= {f"{i.code}.{c.code}": c for i in form.items for c in i.columns}
    kept = {f"@{f.name}" for f in fields(ResidentData)} | {f"@contacts.{f.name}" for f in fields(ContactData)}
    wrong = []
    for field, code, codes in asked:
        if code.startswith("@"):
            wrong += [] if code in kept else [f"{field}: the register has no {code}"]
        elif code not in items:
            wrong.append(f"{field}: no item {code}")
        elif lacking := set(codes_of(codes)) - {o.code for o in items[code].options}:
            wrong.append(f"{field}: {code} lacks the answers {sorted(lacking)}")
    return wrong


@pytest.mark.parametrize(
    ("code", "asked", "least"), [("record-creation", BASIC_DATA, 48), ("health-checkup", CHECK_UP, 155)]
)
def test_every_field_of_the_specification_is_asked(code: str, asked: list[tuple[str, str, str]], least: int) -> None:
    """Reference: 居民健康档案管理服务规范, 个人基本信息表 and 健康体检表."""
    form = forms.form(code, TODAY)
    wrong = missing(form, asked)
    print(f"\n{code}: {len(asked) - len(wrong)} of {len(asked)} fields of the specification asked")
    assert len(asked) >= least and not wrong, "\n".join(wrong)
    assert {i.code: i.most for i in form.items if i.code in LINES} == {
        k: v for k, v in LINES.items() if code == "health-checkup"
    }


def test_one_form_answers_every_yearly_check_up() -> None:
    """No programme has a check-up form of its own beside it."""
    found = {
        f"{p.code}.{s.code}": s.form
        for p in programmes(TODAY).values()
        for s in p.stages
        if s.code in {"yearly", "checkup"}
    }
    print(f"\n{len(found)} yearly check-ups on one form")
    assert set(found) >= {
        "elderly.checkup",
        "hypertension.yearly",
        "diabetes.yearly",
        "copd.yearly",
        "mental_illness.yearly",
    }
    assert set(found.values()) == {"health-checkup"}


@pytest.mark.parametrize(("age", "sex", "hidden", "shown"), [
    (64, "2", {"self_rated", "adl_eating", "elder_guidance"}, {"breasts", "cervical_smear", "lips"}),
    (65, "1", {"breasts", "vulva", "cervical_smear"}, {"self_rated", "adl_moving", "mood", "elder_guidance"}),
])  # fmt: skip
def test_elders_and_womens_items(age: int, sex: str, hidden: set[str], shown: set[str]) -> None:
    """By age on the day, and by sex."""
    told = forms.told(forms.form("health-checkup", TODAY), {}, {"age": age, "months": age * 12, "sex": sex})
    assert shown <= set(told.items) and not hidden & set(told.items)


def test_scores_and_indices_are_reckoned() -> None:
    """BMI to one decimal, the self-care score; neither is taken from what is sent."""
    typed = {"weight": "60", "height": "160", "bmi": "99", "adl_score": "0"} | dict.fromkeys(
        ("adl_eating", "adl_dressing"), "3"
    ) | {"adl_washing": "1", "adl_toilet": "5", "adl_moving": "10"}  # fmt: skip
    answers = forms.read(forms.form("health-checkup", TODAY), typed, {"age": 70, "sex": "2"}).answers
    assert str(answers["bmi"]) == "23.4" and answers["adl_score"] == 22


@pytest.mark.parametrize(
    ("programme", "stage", "least"),
    [("elderly", "checkup", 60), ("diabetes", "yearly", 25), ("hypertension", "yearly", 25)],
)
def test_what_is_compulsory_makes_a_check_up_complete(programme: str, stage: str, least: int) -> None:
    """Each compulsory item alone is missed by its name; with all of them nothing is."""
    definition = programmes(TODAY)[programme]
    one = definition.stage(stage)
    assert one is not None
    sheet, person = forms.form(one.form, definition.effective_from), {"age": 70, "sex": "2"}
    whole = dict.fromkeys(one.compulsory, "1")
    assert judging.lacking(one, sheet, whole, person) == ()
    missed = [
        c
        for c in one.compulsory
        if judging.lacking(one, sheet, {k: v for k, v in whole.items() if k != c}, person) == (c,)
    ]
    print(f"\n{programme}: {len(missed)} of {len(one.compulsory)} compulsory items missed by name")
    assert len(one.compulsory) >= least and missed == one.compulsory


def test_what_the_elderly_and_diabetics_must_have() -> None:
    """The list of the elders' service with what 2025 added; the foot and fasting glucose of diabetics."""
    elders, sugar = programmes(TODAY)["elderly"].stage("checkup"), programmes(TODAY)["diabetes"].stage("yearly")
    assert elders is not None and sugar is not None
    laboratory = {
        "hb",
        "wbc",
        "plt",
        "urine_protein",
        "urine_glucose",
        "urine_ketone",
        "urine_blood",
        "alt",
        "ast",
        "tbil",
        "cr",
        "bun",
        "fpg",
        "tc",
        "tg",
        "ldl",
        "hdl",
    }
    assert laboratory | {"ecg", "ultrasound", "chest", "hba1c", "elder_guidance"} <= set(elders.compulsory)
    assert {"check_foot", "fpg"} <= set(sugar.compulsory)


def test_an_ordinary_check_up_is_entered_in_few_steps() -> None:
    """Of what the elders must have, most comes in one tap, from last year or from the record; the rest is looked at and measured one by one."""
    definition = programmes(TODAY)["elderly"]
    stage = definition.stage("checkup")
    assert stage is not None
    items = {i.code: i for i in forms.form(stage.form, definition.effective_from).items}
    by_hand = [c for c in stage.compulsory if not (items[c].usual or items[c].carried or items[c].prefill)]
    print(f"\n{len(by_hand)} of {len(stage.compulsory)} compulsory items are entered one by one")
    assert 0 < len(by_hand) <= 28
    # Nothing that is measured, scored or decided has an ordinary answer.
    assert not [
        i.code
        for i in items.values()
        if i.usual and (i.type in {"integer", "decimal"} or i.code.startswith(("adl_", "check_", "cognition", "mood")))
    ]
