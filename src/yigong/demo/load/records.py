"""A year of visits into the records: encounters, diagnoses, signs, medicines, discharge summaries, and the relationships they give."""

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from yigong.demo.generate.keys import row_key
from yigong.demo.generate.people import Person
from yigong.demo.generate.visits import CHRONIC, Visit
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys
from yigong.records.bulk import COLUMNS, Batch

_CLASSES = {"outpatient": "AMB", "emergency": "EMER", "inpatient": "IMP", "home": "HH"}
_CHUNK = 20_000
_LASTING = {code: text for code, text, _medicines in CHRONIC.values()}
_COMPLAINTS = {
    "J06.9": "咳嗽、咽痛2天", "J20.9": "咳嗽、咳痰5天", "K52.9": "腹泻、腹痛1天", "J03.9": "咽痛、发热1天", "K29.5": "上腹隐痛反复2月",
    "M54.5": "腰痛1周", "M17.9": "膝关节疼痛、活动受限", "I10": "头晕，复查血压", "E11.9": "复查血糖、取药", "J18.9": "发热、咳嗽4天",
    "I63.9": "右侧肢体无力6小时", "I25.1": "胸闷、活动后加重1周", "K80.2": "右上腹痛2天", "K35.8": "转移性右下腹痛1天", "S72.0": "跌倒后左髋疼痛",
    "J44.1": "气喘加重3天", "G47.0": "入睡困难3月", "L50.9": "皮肤风团伴瘙痒1天",
}  # fmt: skip
_USE = {"片": ("1片", "口服", "每日一次"), "胶囊": ("1粒", "口服", "每日两次"), "颗粒": ("1袋", "冲服", "每日三次")}


class Writer:
    """Takes visits one by one; ``flush`` sends what is left."""

    def __init__(self, keys: Keys, now: datetime, batch: Batch) -> None:
        self.keys, self.now, self.seed, self.batch = keys, now, keys.seed, batch
        self.institution = {name: str(uuid) for name, uuid in keys.institution.items()}
        self.staff = {code: str(uuid) for code, uuid in keys.staff.items()}
        self.department = {names: str(uuid) for names, uuid in keys.department.items()}
        self.lasting: set[tuple[int, str]] = set()
        self._parts = count(1)
        self.waiting: dict[str, list[tuple]] = defaultdict(list)
        self.relationships = Table(
            "access.Relationship",
            ("id", "resident_id", "institution_id", "basis", "source", "starts_at", "ends_at", "note"),
        )

    def flush(self) -> None:
        """Send what is waiting, each table after those it points to."""
        for table in COLUMNS:
            if rows := self.waiting.pop(table, None):
                self.batch.load(table, rows)
        self.relationships.flush()

    def write(self, visit: Visit, person: Person, resident: UUID) -> None:
        """One visit with everything that belongs to it."""
        stamp = int(visit.at.timestamp() * 1000)
        encounter = row_key(self.seed, "encounter", visit.number, stamp)
        at = visit.at.isoformat()
        entry = (str(resident), self.institution[visit.institution], self.staff[visit.doctor.code], at, "yigong", "")
        is_open = visit.ended > self.now
        ended = None if is_open else visit.ended.isoformat()
        encounters = self.waiting["encounter"]
        encounters.append((
            encounter, *entry, visit.kind, _CLASSES[visit.kind], False,
            self.department.get((visit.institution, visit.doctor.department)), "open" if is_open else "finished", ended,
            _COMPLAINTS.get(visit.diagnoses[0][0], visit.diagnoses[0][1]), "",
        ))  # fmt: skip
        stays = timedelta(days=365 if visit.kind == "inpatient" else 180)
        self.relationships.add(
            self._next("seen", stamp), entry[0], entry[1], "encounter", encounter, at,
            None if is_open else (visit.ended + stays).isoformat(), "",
        )  # fmt: skip
        self._diagnoses(visit, person, entry, encounter, stamp)
        if visit.reading or visit.glucose:
            self._signs(visit, entry, encounter, stamp)
        if visit.medicines:
            self._medicines(visit, entry, encounter, stamp)
        if visit.kind == "inpatient" and not is_open:
            self._summary(visit, entry, encounter, stamp)
        if len(encounters) >= _CHUNK:
            self.flush()

    def _next(self, kind: str, stamp: int) -> str:
        return row_key(self.seed, kind, next(self._parts), stamp)

    def _diagnoses(self, visit: Visit, person: Person, entry: tuple, encounter: str, stamp: int) -> None:
        for place, (code, text) in enumerate(visit.diagnoses):
            lasts = code in _LASTING and (person.index, code) not in self.lasting
            if lasts:
                self.lasting.add((person.index, code))
            onset = f"{visit.at.year - 1 - person.index % 12}-{person.index % 12 + 1:02d}-01" if lasts else None
            status = "active" if code in _LASTING else "resolved"
            row = (
                self._next("condition", stamp),
                *entry,
                encounter,
                "ICD-10",
                code,
                text,
                status,
                place == 0,
                lasts,
                onset,
            )
            self.waiting["condition"].append(row)

    def _signs(self, visit: Visit, entry: tuple, encounter: str, stamp: int) -> None:
        values = []
        if visit.reading:
            systolic, diastolic = visit.reading
            values.append(("8480-6", "收缩压", str(systolic), "mmHg", "90", "139", _flag(systolic, 90, 139)))
            values.append(("8462-4", "舒张压", str(diastolic), "mmHg", "60", "89", _flag(diastolic, 60, 89)))
        if visit.glucose:
            glucose = f"{visit.glucose / 10:.1f}"
            values.append(("14771-0", "空腹血糖", glucose, "mmol/L", "3.9", "6.1", _flag(visit.glucose, 39, 61)))
        group = self._next("signs", stamp)
        worst = "H" if any(v[-1] == "H" for v in values) else "L" if any(v[-1] == "L" for v in values) else "N"
        self.waiting["result_group"].append((group, *entry, encounter, "vital", "", "生命体征", worst))
        for code, name, value, unit, low, high, flag in values:
            row = (
                self._next("value", stamp),
                group,
                entry[0],
                entry[3],
                "LOINC",
                code,
                name,
                value,
                "",
                unit,
                low,
                high,
                flag,
            )
            self.waiting["result"].append(row)

    def _medicines(self, visit: Visit, entry: tuple, encounter: str, stamp: int) -> None:
        prescription = self._next("prescription", stamp)
        self.waiting["prescription"].append((prescription, *entry, encounter, "western", True, ""))
        for place, name in enumerate(visit.medicines, 1):
            use = next((use for ending, use in _USE.items() if name.endswith(ending)), ("按说明", "外用", "每日两次"))
            days = 28 if any(name in row[2] for row in CHRONIC.values()) else 5
            row = (self._next("line", stamp), prescription, place, "", name, "", *use, days, None, "")
            self.waiting["prescription_line"].append(row)

    def _summary(self, visit: Visit, entry: tuple, encounter: str, stamp: int) -> None:
        document = self._next("summary", stamp)
        days = (visit.ended - visit.at).days
        ended = visit.ended.isoformat()
        content = {
            "admitted_on": entry[3][:10],
            "discharged_on": ended[:10],
            "days": days,
            "diagnoses": [{"code": code, "text": text} for code, text in visit.diagnoses],
            "outcome": "好转",
        }
        words = "；".join(text for _code, text in visit.diagnoses)
        text = f"住院 {days} 天。出院诊断：{words}。经治疗好转出院，按医嘱服药，1 周后在签约乡镇卫生院复查。"
        self.waiting["document"].append((
            document, *entry[:3], ended, *entry[4:], encounter, document, 1, None, "discharge_summary", "出院小结", content, text,
            visit.doctor.name, "final", "", "records", None, ended,
        ))  # fmt: skip


def _flag(value: int, low: int, high: int) -> str:
    return "L" if value < low else "H" if value > high else "N"
