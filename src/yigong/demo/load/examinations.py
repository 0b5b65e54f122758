"""A year of examinations at the imaging centre, each from request to the read report: order, report, signed version, document, history."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from yigong.demo.generate.county import COUNTY_NAME, County, Worker
from yigong.demo.generate.keys import chance, key, row_key
from yigong.demo.generate.people import Person
from yigong.demo.generate.visits import Visit
from yigong.demo.load.copying import Table
from yigong.demo.load.network import Keys
from yigong.orders.rules.signing import sm3
from yigong.records.bulk import Batch

# Of the outpatient visits outside the village.
_SHARE = 0.04
_FINISHED_AFTER = timedelta(days=3)
_CHUNK = 10_000
# First letters of the diagnosis → (code, name, group, part, price in fen, findings, impression); what stands last is for all others.
_ITEMS = {
    "M54": ("DR-LSPINE", "腰椎正侧位", "DR", "脊柱", 9000, "腰椎序列齐，部分椎体边缘骨质增生，椎间隙未见明显变窄。", "腰椎退行性变。"),
    "M51": ("DR-LSPINE", "腰椎正侧位", "DR", "脊柱", 9000, "腰椎生理曲度变直，L4/5 椎间隙变窄。", "腰椎退行性变，L4/5 椎间隙变窄。"),
    "M47": ("DR-CSPINE", "颈椎正侧位", "DR", "脊柱", 9000, "颈椎生理曲度变直，C5、C6 椎体缘骨质增生。", "颈椎退行性变。"),
    "J18": ("DR-CHEST-PA", "胸部正位", "DR", "胸部", 6000, "右下肺野见片状密度增高影，边缘模糊。", "右下肺炎症，治疗后复查。"),
    "": ("DR-CHEST-PA", "胸部正位", "DR", "胸部", 6000, "双肺野清晰，心影大小形态正常，两膈光整。", "胸部正位片未见明确异常。"),
}  # fmt: skip
_ORDER = (
    "id", "state", "state_since", "version", "number", "accession", "service", "resident", "requesting_institution", "requesting_staff",
    "performing_institution", "reporting_institution", "priority", "symptoms", "history", "purpose", "diagnosis", "diagnosis_code", "answers",
    "findings", "repeat_reason_code", "repeat_reason", "requested_at", "scheduled_place", "started_at", "performed_at", "uploaded_at",
    "reported_at", "acknowledged_at", "ended_reason_code", "ended_reason", "identity", "identity_differences", "identity_resolved_by",
    "identity_reason",
)  # fmt: skip
_REPORT = (
    "id", "state", "state_since", "version", "order", "service", "reporting_institution", "group", "rank", "waiting_since", "limit_at",
    "claimed_by", "claimed_at", "draft", "draft_version", "author", "author_role", "submitted_at", "amend_reason", "versions_count",
)  # fmt: skip
_VERSION = (
    "id", "report", "number", "kind", "sections", "impression", "positive", "grade", "author", "author_name", "reviewer", "reviewer_name",
    "signed_at", "digest", "reason", "document_id",
)  # fmt: skip
_HISTORY = (
    "id", "table", "object_id", "version", "action", "from_state", "to_state", "reason_code", "reason", "actor_name", "actor_role", "staff_id",
    "institution_id", "address", "at",
)  # fmt: skip


class Writer:
    """Looks at each visit and sometimes writes the examination that was asked for in it."""

    def __init__(self, county: County, keys: Keys, now: datetime, batch: Batch, address: Callable[[UUID], str]) -> None:
        self.county, self.keys, self.now, self.batch, self.address = county, keys, now, batch, address
        self.source = chance(keys.seed, "examinations")
        self.levels = {i.key: i.level for i in county.institutions}
        self.centre = keys.institution["COUNTY"]
        self.readers, self.reviewers = county.at("COUNTY", "radiologist"), county.at("COUNTY", "senior_radiologist")
        self.count = self.steps = 0
        self.documents: list[tuple] = []
        self.orders = Table("orders.Order", _ORDER)
        self.items = Table(
            "orders.OrderItem", ("order", "position", "code", "name", "group", "part", "price", "validity_days")
        )
        self.reports = Table("orders.Report", _REPORT)
        self.versions = Table("orders.ReportVersion", _VERSION)
        self.receipts = Table("orders.ReportReceipt", ("version", "institution", "staff", "staff_name", "at"))
        self.history = Table("states.StateChange", _HISTORY)
        self.relationships = Table(
            "access.Relationship",
            ("id", "resident_id", "institution_id", "basis", "source", "starts_at", "ends_at", "note"),
        )

    def flush(self) -> None:
        """Send what is waiting."""
        if self.documents:
            self.batch.load("document", self.documents)
            self.documents = []
        for table in (
            self.orders, self.items, self.reports, self.versions, self.receipts, self.history, self.relationships,
        ):  # fmt: skip
            table.flush()

    def consider(self, visit: Visit, person: Person, resident: UUID) -> None:
        """Perhaps the doctor of this visit asked for a picture."""
        wanted = self.levels[visit.institution] != "village" and visit.kind == "outpatient"
        if not wanted or visit.ended > self.now - _FINISHED_AFTER or self.source.random() >= _SHARE:
            return
        self.count += 1
        item = _ITEMS.get(visit.diagnoses[0][0][:3], _ITEMS[""])
        asked = (visit.at + timedelta(minutes=8)).astimezone(UTC)
        taken = asked + timedelta(minutes=10 + self.source.expovariate(1 / 25))
        signed = taken + timedelta(minutes=12 + self.source.expovariate(1 / 35))
        read = signed + timedelta(minutes=5 + self.source.expovariate(1 / 90))
        order, report = (key(self.keys.seed, kind, visit.number, asked) for kind in ("order", "report"))
        author, reviewer = self.source.choice(self.readers), self.source.choice(self.reviewers)
        self._order(visit, resident, order, item, (asked, taken, signed, read))
        self._report(visit, resident, order, report, item, (taken, signed, read), author, reviewer)
        self._steps(visit.doctor, author, reviewer, order, report, (asked, taken, signed, read))
        looks = key(self.keys.seed, "examined", visit.number, asked)
        if self.keys.institution[visit.institution] != self.centre:
            self.relationships.add(looks, resident, self.centre, "order", order, asked, asked + timedelta(days=180), "")
        if len(self.documents) >= _CHUNK:
            self.flush()

    def _order(self, visit: Visit, resident: UUID, order: UUID, item: tuple, moments: tuple[datetime, ...]) -> None:
        asked, taken, signed, read = moments
        place = self.keys.institution[visit.institution]
        code, words = visit.diagnoses[0]
        self.orders.add(
            order, "completed", read, 5, self._number(visit), self._accession(visit), "imaging", resident, place,
            self.keys.staff[visit.doctor.code], place, self.centre, "routine", f"{words}就诊", "", "协助诊断", words, code, {}, [], "", "",
            asked, "", None, taken, taken, signed, read, "", "", "equal", [], "", "",
        )  # fmt: skip
        self.items.add(order, 0, *item[:5], 14)

    def _number(self, visit: Visit) -> str:
        return f"DYX{visit.at:%y%m%d}{visit.number % 10**7:07d}"

    def _accession(self, visit: Visit) -> str:
        return f"D{visit.at:%y%m%d}{visit.number % 10**7:07d}"

    def _report(
        self, visit: Visit, resident: UUID, order: UUID, report: UUID, item: tuple, moments: tuple[datetime, ...],
        author: Worker, reviewer: Worker,
    ) -> None:  # fmt: skip
        taken, signed, read = moments
        version, document = (key(self.keys.seed, kind, visit.number, signed) for kind in ("version", "report_document"))
        author_key, reviewer_key = self.keys.staff[author.code], self.keys.staff[reviewer.code]
        place, positive = self.keys.institution[visit.institution], "未见明确异常" not in item[6]
        sections = {"findings": item[5]}
        said = {
            "order": self._number(visit), "accession": self._accession(visit), "resident": str(resident), "items": [item[0]], "version": 1,
            "kind": "final", "sections": sections, "impression": item[6], "positive": positive, "grade": "A", "author": str(author_key),
            "reviewer": str(reviewer_key), "signed_at": signed.isoformat(), "reason": "",
        }  # fmt: skip
        digest = sm3(said)
        self.reports.add(
            report, "final", signed, 4, order, "imaging", self.centre, item[2], 1, taken, taken + timedelta(minutes=120),
            author_key, taken, {}, 1, author_key, author.role, signed, "", 1,
        )  # fmt: skip
        self.versions.add(
            version, report, 1, "final", sections, item[6], positive, "A", author_key, author.name, reviewer_key, reviewer.name, signed,
            digest, "", document,
        )  # fmt: skip
        self.receipts.add(version, place, self.keys.staff[visit.doctor.code], visit.doctor.name, read)
        content = {
            "order_id": str(order), "number": said["order"], "accession": said["accession"], "service": "imaging",
            "items": [{"code": item[0], "name": item[1], "part": item[3]}], "sections": [{"label": "检查所见", "text": item[5]}],
            "impression": item[6], "positive": positive, "grade": "A", "author": author.name, "reviewer": reviewer.name, "digest": digest,
            "signed_at": signed.isoformat(), "version": 1, "kind": "final", "performed_at": taken.isoformat(),
            "requesting_institution_id": str(place), "performing_institution_id": str(place), "reporting_institution_id": str(self.centre),
            "reporting_institution": f"{COUNTY_NAME}人民医院", "reason": "", "url": self.address(order),
        }  # fmt: skip
        self.documents.append((
            document, resident, self.centre, author_key, signed, "yigong", said["order"], None, document, 1, None, "imaging_report",
            f"{item[1]}检查报告", content, f"检查所见：{item[5]}\n{item[6]}", author.name, "final", "", "orders", order, signed,
        ))  # fmt: skip

    def _steps(
        self, doctor: Worker, author: Worker, reviewer: Worker, order: UUID, report: UUID, moments: tuple[datetime, ...]
    ) -> None:
        asked, taken, signed, read = moments
        for version, (action, source, target, who, at) in enumerate((
            ("create", "", "requested", doctor, asked), ("accept", "requested", "accepted", None, asked),
            ("upload", "accepted", "uploaded", None, taken), ("report", "uploaded", "reported", reviewer, signed),
            ("complete", "reported", "completed", doctor, read),
        ), 1):  # fmt: skip
            self._step("order", order, version, action, source, target, who, at)
        for version, (action, source, target, who, at) in enumerate((
            ("create", "", "unclaimed", None, taken), ("claim", "unclaimed", "claimed", author, taken),
            ("submit", "claimed", "submitted", author, signed), ("sign", "submitted", "final", reviewer, signed),
        ), 1):  # fmt: skip
            self._step("report", report, version, action, source, target, who, at)

    def _step(
        self,
        table: str,
        row: UUID,
        version: int,
        action: str,
        source: str,
        target: str,
        who: Worker | None,
        at: datetime,
    ) -> None:
        self.steps += 1
        self.history.add(
            row_key(self.keys.seed, "examination_step", self.steps, int(at.timestamp() * 1000)), table, row, version, action, source,
            target, "", "", who.name if who else "archive", who.role if who else "system",
            self.keys.staff[who.code] if who else None, self.keys.institution[who.institution] if who else None, "", at,
        )  # fmt: skip
