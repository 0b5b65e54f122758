"""Mothers, children, vaccination: every field of the specification is asked, with its options; what follows from them.

The lists are the specification's own (third edition of 2017, and for vaccination what the law on vaccines wants recorded), in its order and
words, each with the item that asks for it and the number of its answers where the paper form prints them.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from yigong.core import clock
from yigong.core.errors import InvalidInput
from yigong.core.forms import api as forms
from yigong.programmes import api
from yigong.programmes.models import Due, Enrolment, Visit
from yigong.programmes.rules import counting, judging
from yigong.programmes.rules.packs import programmes
from yigong.programmes.views import certificate, visiting
from yigong.residents import api as residents
from yigong.tasks.models import Task

from .mother_child import ANTENATAL, BOOKING, CHECK, DAY42, DOSE, LABORATORY, NEWBORN, POSTPARTUM
from .test_pages import signed_in
from .test_tables import told
from .world import World, enrolled, later, next_on, visit

# (field, item, number of answers); "=" is not typed: reckoned from the enrolment, or kept with every visit (see the test of the printed sheet).
FIELDS: dict[str, list[tuple[str, str, int]]] = {
    "pregnancy-enrolment": [
        ("末次月经", "lmp", 0), ("预产期(超声)", "ultrasound_due", 0), ("孕次", "gravida", 0), ("产次", "para", 0), ("阴道分娩", "vaginal_births", 0), ("剖宫产", "caesareans", 0),
        ("丈夫姓名", "husband", 0), ("丈夫年龄", "husband_age", 0), ("丈夫电话", "husband_phone", 0),
    ],
    "antenatal-first": [
        ("孕周", "=孕周", 0), ("预产期", "=预产期", 0), ("年龄", "=年龄", 0), ("既往史", "history", 8), ("家族史", "family_history", 4), ("个人史", "personal_history", 7), ("妇产科手术史", "surgery", 2),
        ("孕产史", "obstetric", 7), ("身高", "height", 0), ("体重", "weight", 0), ("BMI", "bmi", 0), ("收缩压", "sbp", 0), ("舒张压", "dbp", 0), ("心脏", "heart", 2), ("肺部", "lungs", 2),
        ("外阴", "vulva", 2), ("阴道", "vagina", 2), ("宫颈", "cervix", 2), ("子宫", "womb", 2), ("附件", "adnexa", 2), ("血红蛋白", "hb", 0), ("白细胞", "wbc", 0), ("血小板", "plt", 0),
        ("血常规其他", "blood_note", 0), ("尿蛋白", "urine", 2), ("尿糖", "urine_sugar", 2), ("尿酮体", "urine_ketone", 2), ("尿潜血", "urine_blood", 2), ("尿常规其他", "urine_note", 0), ("ABO", "abo", 5),
        ("Rh", "rh", 3), ("血糖", "glucose", 0), ("谷丙转氨酶", "alt", 0), ("谷草转氨酶", "ast", 0), ("白蛋白", "alb", 0), ("总胆红素", "tbil", 0), ("结合胆红素", "dbil", 0), ("肌酐", "cr", 0),
        ("尿素", "bun", 0), ("阴道分泌物", "discharge", 4), ("清洁度", "cleanliness", 4), ("乙肝表面抗原", "hbsag", 2), ("乙肝表面抗体", "hbsab", 2), ("乙肝e抗原", "hbeag", 2), ("乙肝e抗体", "hbeab", 2),
        ("乙肝核心抗体", "hbcab", 2), ("梅毒", "syphilis", 2), ("HIV", "hiv", 2), ("B超", "ultrasound", 0), ("总体评估", "overall", 2), ("保健指导", "advice", 6), ("转诊", "referral", 2),
        ("转诊原因", "referral_reason", 0), ("机构及科室", "referral_place", 0), ("妊娠风险分级", "colour", 4), ("紫色标识", "infectious", 2), ("危急征象", "danger", 7), ("下次随访日期", "=下次随访", 0),
        ("随访医生", "=随访医生", 0),
    ],
    "antenatal": [
        ("随访日期", "=随访日期", 0), ("孕周", "=孕周", 0), ("主诉", "complaint", 0), ("体重", "weight", 0), ("宫底高度", "fundus", 0), ("腹围", "girth", 0), ("胎位", "position", 0), ("胎心率", "fetal_heart", 0),
        ("收缩压", "sbp", 0), ("舒张压", "dbp", 0), ("血红蛋白", "hb", 0), ("尿蛋白", "urine", 2), ("其他检查", "other_tests", 0), ("分类", "category", 2), ("指导", "advice", 8), ("转诊", "referral", 2),
        ("转诊原因", "referral_reason", 0), ("机构及科室", "referral_place", 0), ("妊娠风险分级", "colour", 4), ("紫色标识", "infectious", 2), ("危急征象", "danger", 7), ("下次随访日期", "=下次随访", 0),
        ("随访医生", "=随访医生", 0),
    ],
    "delivery": [("分娩日期", "delivered_on", 0), ("出院日期", "discharged_on", 0)],
    "postpartum": [
        ("随访日期", "=随访日期", 0), ("体温", "temperature", 0), ("一般健康情况", "general", 0), ("一般心理状况", "mind_state", 2), ("收缩压", "sbp", 0), ("舒张压", "dbp", 0), ("乳房", "breast", 2), ("恶露", "lochia", 2),
        ("子宫", "uterus", 2), ("伤口", "wound", 2), ("其他", "exam_other", 0), ("分类", "category", 2), ("指导", "guidance_given", 6), ("转诊", "referral", 2), ("转诊原因", "referral_reason", 0),
        ("机构及科室", "referral_place", 0), ("下次随访日期", "=下次随访", 0), ("随访医生", "=随访医生", 0),
    ],
    "postpartum-day42": [
        ("随访日期", "=随访日期", 0), ("一般健康情况", "general", 0), ("一般心理状况", "mind_state", 2), ("收缩压", "sbp", 0), ("舒张压", "dbp", 0), ("乳房", "breast", 2), ("恶露", "lochia", 2), ("子宫", "uterus", 2),
        ("伤口", "wound", 2), ("其他", "exam_other", 0), ("分类", "recovered", 2), ("指导", "advice_day42", 5), ("处理", "closing", 2), ("转诊原因", "referral_reason", 0), ("机构及科室", "referral_place", 0),
        ("随访医生", "=随访医生", 0),
    ],
    "child-newborn": [
        *((f"{name}{what}", f"{who}_{item}", 0) for who, name in (("father", "父亲"), ("mother", "母亲")) for what, item in (("姓名", "name"), ("职业", "job"), ("电话", "phone"), ("出生日期", "born"))),
        ("出生孕周", "gestation", 0), ("母亲妊娠期患病", "pregnancy_illness", 4), ("助产机构", "born_at", 0), ("出生情况", "birth_way", 7), ("窒息", "asphyxia", 2), ("Apgar1分钟", "apgar1", 0),
        ("Apgar5分钟", "apgar5", 0), ("畸形", "deformity", 2), ("听力筛查", "hearing_screen", 4), ("疾病筛查", "disease_screen", 5), ("出生体重", "birth_weight", 0), ("目前体重", "weight", 0),
        ("身长", "length", 0), ("喂养方式", "feeding", 3), ("吃奶量", "milk", 0), ("吃奶次数", "milk_times", 0), ("呕吐", "vomiting", 2), ("大便", "stool", 3), ("大便次数", "stool_times", 0),
        ("体温", "temperature", 0), ("心率", "heart_rate", 0), ("呼吸频率", "respiration", 0), ("面色", "complexion", 3), ("黄疸部位", "jaundice", 5), ("前囟大小", "fontanelle_size", 0),
        ("前囟", "fontanelle_state", 4), ("眼", "eyes", 2), ("耳", "ears", 2), ("鼻", "nose", 2), ("口腔", "mouth", 2), ("四肢活动度", "limbs", 2), ("颈部包块", "neck_lump", 2), ("皮肤", "skin_state", 4),
        ("心肺", "chest", 2), ("腹部", "abdomen", 2), ("脊柱", "spine", 2), ("肛门", "anus", 2), ("外生殖器", "genitals", 2), ("脐带", "cord", 4), ("转诊", "referral", 2), ("转诊原因", "referral_reason", 0),
        ("机构及科室", "referral_place", 0), ("指导", "child_guidance", 6), ("下次随访地点", "next_place", 0), ("下次随访日期", "=下次随访", 0), ("随访医生", "=随访医生", 0),
    ],
    "child-check": [
        ("随访日期", "=随访日期", 0), ("月龄", "=年龄", 0), ("体重", "weight", 0), ("身长/身高", "length", 0), ("头围", "head", 0), ("体重上中下", "=年龄别体重", 0), ("身长上中下", "=年龄别身长/身高", 0),
        ("身长(身高)别体重", "=身长别体重", 0), ("体质指数", "bmi", 0), ("面色", "complexion", 3), ("皮肤", "skin", 2), ("前囟", "fontanelle", 2), ("前囟大小", "fontanelle_size", 0), ("颈部包块", "neck_lump", 2),
        ("眼", "eyes", 2), ("耳", "ears", 2), ("听力", "hearing", 2), ("口腔", "mouth", 2), ("出牙", "teeth", 0), ("龋齿", "caries", 0), ("心肺", "chest", 2), ("腹部", "abdomen", 2), ("脐部", "umbilicus", 4),
        ("四肢", "limbs", 2), ("步态", "gait", 2), ("肛门/外生殖器", "genitals", 2), ("视力", "vision", 2), ("血红蛋白", "hb", 0), ("佝偻病症状", "rickets_symptoms", 4), ("佝偻病体征", "rickets_signs", 10),
        ("户外活动", "outdoor", 0), ("维生素D", "vitamin_d", 0), *((f"发育评估{code[4:]}月", code, 5) for code in ("warn3", "warn6", "warn8", "warn12", "warn18", "warn24", "warn30", "warn36", "warn48", "warn60", "warn72")),
        ("两次随访间患病", "illness", 5), ("肺炎次数", "pneumonia_times", 0), ("腹泻次数", "diarrhoea_times", 0), ("外伤次数", "injury_times", 0), ("其他", "exam_other", 0), ("转诊", "referral", 2),
        ("转诊原因", "referral_reason", 0), ("机构及科室", "referral_place", 0), ("指导", "child_guidance", 6), ("下次随访日期", "=下次随访", 0), ("随访医生", "=随访医生", 0),
    ],
    "tcm-child": [
        ("随访日期", "=随访日期", 0), ("饮食调养、起居调摄", "taught", 3), ("摩腹捏脊", "taught_belly", 2), ("迎香足三里", "taught_nose", 2), ("四神聪", "taught_head", 2), ("其他", "taught_note", 0),
        ("下次随访日期", "=下次随访", 0), ("随访医生", "=随访医生", 0),
    ],
    "vaccination": [
        ("健康状况与禁忌核查", "contra", 3), ("告知与知情同意", "consented", 1), ("三查七对", "checked", 1), ("一验证", "verified", 1), ("疫苗名称", "product", 0), ("持有人/生产企业", "manufacturer", 0),
        ("批号", "lot", 0), ("追溯码", "trace_code", 0), ("有效期", "expires_on", 0), ("接种日期", "=随访日期", 0), ("接种时间", "given_at", 0), ("接种部位", "site", 5), ("途径", "route", 4), ("剂量", "dose", 0),
        ("留观结果", "observed", 2), ("AEFI标记", "aefi", 2), ("接种人员", "=随访医生", 0),
    ],
}  # fmt: skip
PROGRAMME = {"tcm-child": "tcm_child", "vaccination": "vaccination", "child-newborn": "child", "child-check": "child"}


def test_every_field_is_asked(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each form against the specification's list; what is not typed stands on the printed sheet of such a visit."""
    sheet = printed_labels(world, monkeypatch)
    asked, absent = 0, []
    for code, fields in FIELDS.items():
        programme = programmes()[PROGRAMME.get(code, "pregnancy")]
        items = {i.code: i for i in forms.form(code, programme.effective_from).items}
        scores = {s.title for s in programme.scores}
        for name, item, options in fields:
            found = (
                item[1:] in sheet | scores
                if item.startswith("=")
                else item in items and len(items[item].options) >= options
            )
            asked += found
            absent += [] if found else [(code, name, item)]
    total = sum(len(fields) for fields in FIELDS.values())
    print(f"\n{asked} of {total} fields of the specification asked")
    assert total > 250 and not absent, absent
    titles = [forms.form(code, programmes()[PROGRAMME.get(code, "pregnancy")].effective_from).title for code in FIELDS]
    assert not [title for title in titles if "要点" in title]


def printed_labels(world: World, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The labels that the printed sheet of an antenatal visit shows around the answers."""
    lmp = clock.today() - timedelta(weeks=18)
    row = pregnant(world, lmp)
    done = visit(world, row, "antenatal2", **ANTENATAL)
    kept: list[dict[str, Any]] = []
    original = visiting.printing.print_document

    def keep(kind: str, template: str, data: dict[str, Any], **more: Any) -> Any:
        kept.append(data)
        return original(kind, template, data, **more)

    monkeypatch.setattr(visiting.printing, "print_document", keep)
    answer = signed_in(world.doctor).get(f"/programmes/visits/{done.visit.id}/print/")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    data = kept[0]
    found = {label for label, _value in data["facts"]} | {data["signer_label"]}
    assert dict(map(tuple, data["facts"]))["孕周"] == "18周+0天"
    return found


def pregnant(world: World, lmp: date, **facts: str) -> Any:
    """A woman booked eight weeks after her last period."""
    return enrolled(
        world, "pregnancy", resident_id=world.person(28), on=min(clock.today(), lmp + timedelta(weeks=8)),
        answers={"lmp": str(lmp), "gravida": "1", "para": "0", **facts},
    )  # fmt: skip


# Haemoglobin and age in months: the degree that is named.
ANAEMIA = [
    (12, 110, set()), (12, 109, {"mild_anaemia"}), (12, 90, {"mild_anaemia"}), (12, 89, {"moderate_anaemia"}), (12, 60, {"moderate_anaemia"}), (12, 59, {"severe_anaemia"}),
    (59, 110, set()), (60, 115, set()), (60, 114, {"mild_anaemia"}), (60, 90, {"mild_anaemia"}), (60, 89, {"moderate_anaemia"}), (60, 59, {"severe_anaemia"}),
]  # fmt: skip


@pytest.mark.parametrize(("months", "hb", "found"), ANAEMIA)
def test_degrees_of_anaemia(months: int, hb: int, found: set[str]) -> None:
    """Mild from 90, moderate from 60, severe below, the upper limit by age."""
    values = told("child", months, {"hb": hb})[0].values
    assert {code for code in ("mild_anaemia", "moderate_anaemia", "severe_anaemia") if values[code]} == found


@pytest.mark.parametrize(("hb", "found"), [(110, False), (109, True)])
def test_anaemia_in_pregnancy(hb: int, found: bool) -> None:
    """Named below 110, an emergency only below 60 (the table of thresholds)."""
    assert told("pregnancy", 28 * 12, {"hb": hb})[0].values["anaemia"] is found


@pytest.mark.parametrize(("weight", "found"), [("2.7", False), ("2.6", True)])
def test_a_tenth_of_the_weight(weight: str, found: bool) -> None:
    """A newborn who lost more than a tenth of what he weighed at birth is named."""
    values = told("child", 0, {"at": "newborn", "birth_weight": "3.0", "weight": weight, "length": "50"})[0].values
    assert values["lost_weight"] is found


def test_an_infant_of_high_risk_keeps_the_mark_for_a_year() -> None:
    """Born early: marked at the checks of the first year, no longer at twelve months; another child is never marked."""
    born = told("child", 0, {"at": "newborn", "gestation": 36, "birth_weight": "2.4", "weight": "2.6", "length": "47"})[
        0
    ]
    month = told("child", 1, {"at": "month1", "weight": "3.9", "length": "52"}, born)[0]
    assert born.values["at_risk"] and month.values["at_risk"] and month.grade.code == "normal"
    assert told("child", 11, {"at": "m12"}, month)[0].values["at_risk"]
    assert not told("child", 12, {"at": "m12"}, month)[0].values["at_risk"]
    assert not told("child", 6, {"at": "m6", "weight": "7.4", "length": "66"})[0].values["at_risk"]


@pytest.mark.django_db
def test_a_newborn_of_high_risk(world: World) -> None:
    """More visits until the first month's check, a referral, and a task to hear what became of it."""
    person = world.person(months=0, name="早宝宝")
    row = enrolled(world, "child", resident_id=person, on=clock.today())
    done = visit(
        world,
        row,
        "newborn",
        **NEWBORN | {"gestation": "35", "birth_weight": "2.3", "weight": "2.4", "hearing_screen": "2"},
    )
    assert done.visit.grade == "high_risk" and done.visit.refer
    assert next_on(row.id, "extra") == clock.today() + timedelta(days=7)
    assert Task.objects.filter(state="open", resident_id=person, title__contains="追踪高危儿评估建档结果").count() == 1
    browser = signed_in(world.doctor)
    page = browser.get(f"/programmes/person/{person}/").content.decode()
    assert "高危儿" in page and "低出生体重" in page and "听力筛查未通过" in page
    again = browser.get(f"/programmes/enrolment/{row.id}/visit/extra/").content.decode()
    assert 'value="2.3"' in again, "what was asked about the birth is not asked twice"
    with later(days=7):
        visit(
            world,
            row,
            "extra",
            **NEWBORN | {"gestation": "35", "birth_weight": "2.3", "weight": "2.6", "hearing_screen": "1"},
        )
        assert next_on(row.id, "extra") == clock.today() + timedelta(days=7)
    with later(days=9):
        visit(world, row, "month1", **CHECK | {"weight": "3.4", "length": "50"})
        assert not Due.objects.filter(enrolment_id=row.id, stage="extra", state="open").exists()


def test_weeks_from_the_period_or_the_ultrasound() -> None:
    """The due day by ultrasound moves the count, the period stays as it was told."""
    programme = programmes()["pregnancy"]
    lmp = date(2026, 1, 1)
    facts = {"lmp": lmp, "ultrasound_due": lmp + timedelta(days=290)}
    assert counting.anchor_of(programme, {"lmp": lmp}) == lmp
    assert counting.anchor_of(programme, facts) == lmp + timedelta(days=10)
    assert counting.counted(programme, lmp, lmp + timedelta(days=93), "booking") == [
        ("孕周", "13周+2天"),
        ("预产期", "2026-10-08"),
    ]
    assert counting.counted(programme, lmp, lmp + timedelta(days=290), "postpartum") == []
    assert counting.counted(programmes()["child"], lmp, lmp) == []


@pytest.mark.django_db
def test_ultrasound_moves_the_plan(world: World) -> None:
    """Amended with an ultrasound, the visits follow it; one that lies too far away is refused."""
    lmp = clock.today() - timedelta(weeks=12)
    row = pregnant(world, lmp)
    first = next_on(row.id, "antenatal2")
    answers = {"lmp": str(lmp), "gravida": "1", "para": "0"}
    done = api.amend(
        enrolment_id=row.id, answers=answers | {"ultrasound_due": str(lmp + timedelta(days=290))}, reason="早孕超声", actor=world.doctor
    )  # fmt: skip
    assert done.anchor_on == lmp + timedelta(days=10) and next_on(row.id, "antenatal2") == first + timedelta(days=10)
    kept = Enrolment.objects.get(pk=row.id).facts
    assert kept["lmp"] == str(lmp)
    page = signed_in(world.doctor).get(f"/programmes/person/{row.resident_id}/").content.decode()
    assert "10周+4天" in page and "预产期" in page
    with pytest.raises(InvalidInput) as refused:
        api.amend(
            enrolment_id=row.id,
            answers=answers | {"ultrasound_due": str(clock.today() + timedelta(days=300))},
            reason="x",
            actor=world.doctor,
        )
    assert "请核对" in refused.value.errors["ultrasound_due"]


@pytest.mark.django_db
def test_the_visits_after_birth_count_from_the_birth(world: World) -> None:
    """Heard of a week late: the visit at home counts from the discharge, the check from the birth, not from the day of writing."""
    lmp = clock.today() - timedelta(days=284)
    row = pregnant(world, lmp)
    born = clock.today() - timedelta(days=6)
    visit(
        world,
        row,
        "delivery",
        delivered_on=str(born),
        discharged_on=str(born + timedelta(days=3)),
        delivery_way="1",
        babies=1,
    )
    assert next_on(row.id, "postpartum") == born + timedelta(days=10)
    visit(world, row, "postpartum", way="2", **POSTPARTUM)
    assert next_on(row.id, "day42") == born + timedelta(days=42)
    with later(days=36):
        done = visit(world, row, "day42", **DAY42)
        assert done.visit.grade == "well" and done.enrolment.state == "ended" and done.enrolment.ending == "finished"


@pytest.mark.django_db
def test_a_booking_without_results_is_completed_later(world: World) -> None:
    """Findings the same day, results days later: incomplete until then; the doctor's colour counts at once."""
    row = pregnant(world, clock.today() - timedelta(weeks=10))
    first = visit(world, row, "booking", **BOOKING)
    assert first.visit.grade == "green" and not first.visit.is_complete
    other = pregnant(world, clock.today() - timedelta(weeks=10))
    assert visit(world, other, "booking", **BOOKING | LABORATORY).visit.is_complete
    programme = programmes()["pregnancy"]
    items = {i.code: i for i in forms.form("antenatal-first", programme.effective_from).items}
    stage = programme.stage("booking")
    assert set(stage.compulsory) == set(LABORATORY) and not any(items[code].required for code in LABORATORY)


@pytest.mark.django_db
@pytest.mark.parametrize("by", ["household", "mother"])
def test_mother_and_newborn_in_one_visit(world: World, by: str) -> None:
    """After the mother's visit at home the newborn's stands beside it, also before its household is written; not for another institution."""
    house = residents.create_household(number="PG-1", address="李庄村9号", division_code="", actor=world.doctor)

    def registered(name: str, days: int, sex: str, **more: Any) -> Any:
        given = residents.NewResident(
            name=name, sex=sex, birth_date=clock.today() - timedelta(days=days), managing_institution_id=world.village.id, village="李庄村", **more,
        )  # fmt: skip
        return residents.register_resident(given=given, actor=world.doctor).resident.id

    mother = registered("沈秀兰", 28 * 365, "2", household_id=house)
    infant = registered("沈小宝", 6, "1", **{"household_id": house} if by == "household" else {"mother_id": mother})
    lmp = clock.today() - timedelta(days=284)
    hers = enrolled(
        world,
        "pregnancy",
        resident_id=mother,
        on=lmp + timedelta(weeks=8),
        answers={"lmp": str(lmp), "gravida": "1", "para": "0"},
    )
    visit(world, hers, "delivery", delivered_on=str(clock.today() - timedelta(days=6)), delivery_way="1", babies=1)
    his = enrolled(world, "child", resident_id=infant, on=clock.today())
    doses = enrolled(world, "vaccination", resident_id=infant, on=clock.today())
    done = visit(world, hers, "postpartum", way="2", **POSTPARTUM)
    browser = signed_in(world.doctor)
    page = browser.get(f"/programmes/visits/{done.visit.id}/").content.decode()
    due = Due.objects.get(enrolment_id=his.id, stage="newborn", state="open")
    assert "这家今天还可以登记" in page and "沈小宝" in page and f"/programmes/due/{due.id}/" in page
    assert browser.get(f"/programmes/due/{due.id}/").status_code == 200
    assert page.index("新生儿家庭访视") < page.index("乙肝疫苗第1剂"), "what is overdue stands behind what is in time"
    Visit.objects.filter(pk=done.visit.id).update(way="1")
    assert "这家今天还可以登记" not in browser.get(f"/programmes/visits/{done.visit.id}/").content.decode()
    Visit.objects.filter(pk=done.visit.id).update(way="2")
    assert "沈小宝" not in signed_in(world.neighbour).get(f"/programmes/visits/{done.visit.id}/").content.decode()
    if by == "mother":
        assert 'value="沈秀兰"' in browser.get(f"/programmes/due/{due.id}/").content.decode(), (
            "whose name is known is not asked again"
        )
    api.end(enrolment_id=doses.id, ending="moved", reason="外地接种", actor=world.doctor)
    newborn = visit(world, his, "newborn", way="2", **NEWBORN)
    assert "这家今天还可以登记" not in browser.get(f"/programmes/visits/{newborn.visit.id}/").content.decode()


@pytest.mark.django_db
def test_the_certificate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dose, day, lot and place by the schedule, on the page and on paper; a dose taken back is not on it; no certificate where none is given."""
    row = enrolled(world, "vaccination", resident_id=world.person(months=2), on=clock.today() - timedelta(days=40))
    given = DOSE | {
        "product": "重组乙型肝炎疫苗",
        "manufacturer": "示例生物",
        "lot": "YG2601",
        "expires_on": str(clock.today() + timedelta(days=300)),
    }
    visit(world, row, "hepb1", on=clock.today() - timedelta(days=35), **given)
    wrong = visit(world, row, "bcg1", **given | {"product": "卡介苗", "lot": "KJ2601"})
    Visit.objects.filter(pk=wrong.visit.id).update(void_reason="录错")
    browser = signed_in(world.doctor)
    assert (
        f"/programmes/enrolment/{row.id}/certificate/"
        in browser.get(f"/programmes/person/{row.resident_id}/").content.decode()
    )
    page = browser.get(f"/programmes/enrolment/{row.id}/certificate/").content.decode()
    assert (
        all(
            text in page
            for text in ("乙肝疫苗第1剂", "YG2601", "左上臂", world.village.name, "共 1 剂", "乙肝疫苗第2剂")
        )
        and "KJ2601" not in page
    )
    kept: list[dict[str, Any]] = []
    original = certificate.printing.print_document
    monkeypatch.setattr(
        certificate.printing,
        "print_document",
        lambda kind, template, data, **more: kept.append(data) or original(kind, template, data, **more),
    )
    answer = browser.get(f"/programmes/enrolment/{row.id}/certificate/print/")
    assert (
        answer.status_code == 200 and answer["Content-Type"] == "application/pdf" and kept[0]["rows"][0][2] == "YG2601"
    )
    other = enrolled(world, "child", resident_id=world.person(months=5), on=clock.today())
    assert browser.get(f"/programmes/enrolment/{other.id}/certificate/").status_code == 404


@pytest.mark.django_db
def test_the_childs_printed_sheet_holds_its_curves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard's lines and the child's own points as drawings on the sheet."""
    row = enrolled(world, "child", resident_id=world.person(months=12), on=clock.today() - timedelta(days=200))
    done = visit(world, row, "m12", **CHECK)
    kept: list[dict[str, Any]] = []
    original = visiting.printing.print_document
    monkeypatch.setattr(
        visiting.printing,
        "print_document",
        lambda kind, template, data, **more: kept.append(data) or original(kind, template, data, **more),
    )
    answer = signed_in(world.doctor).get(f"/programmes/visits/{done.visit.id}/print/")
    assert answer.status_code == 200
    assert "年龄别体重" in dict(kept[0]["judged"])
    drawings = kept[0]["curves"]
    assert len(drawings) >= 4 and all(
        drawing.count("<path") > 8 and "<circle" in drawing for _title, drawing in drawings
    )


def test_every_condition_of_these_forms_is_used() -> None:
    """No rule of these definitions is left that neither a grade, a rate, another rule nor the page uses."""
    for code in ("pregnancy", "child"):
        programme = programmes()[code]
        rules = {r.code: r for r in programme.rules}
        used = judging.used([g.when for g in programme.grades], rules)
        idle = [r.code for r in programme.rules if r.code not in used and not r.shown]
        assert not idle, (code, idle)
