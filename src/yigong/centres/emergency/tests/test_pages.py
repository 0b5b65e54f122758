"""The room through its pages: desk, crew's telephone, hospital, quality form, figures, prints, who sees what."""

from uuid import uuid4

from yigong.access.models import ReadLog
from yigong.centres.emergency.commands import identity, measuring
from yigong.centres.emergency.models import Case, Run, TargetClock, TimePoint, Vehicle
from yigong.centres.emergency.tests.world import EmergencyWorld
from yigong.orders.tests.world import browser_of


def test_the_dispatcher_takes_a_call_and_sends(world: EmergencyWorld) -> None:
    """Missing fields stand beside the form; a double click is one case; vehicle and crew are chosen by name."""
    client = browser_of(world.dispatcher)
    bad = client.post("/emergency/call/", {"complaint": "chest_pain", "phone": "1"})
    assert bad.status_code == 422 and "请登记地点" in bad.content.decode()
    given = {
        "complaint": "chest_pain",
        "phone": "13900001111",
        "address": "东头",
        "conscious": "no",
        "idempotency_key": str(uuid4()),
    }
    first = client.post("/emergency/call/", given)
    assert client.post("/emergency/call/", given)["Location"] == first["Location"] and Case.objects.count() == 1
    page = client.get(first["Location"]).content.decode()
    assert "急救 1 号" in page and "城关站" in page
    assert "钱院前" in client.get("/emergency/crew/doctor/options/?q=钱").content.decode()
    crew = {"vehicle": str(world.ambulance.pk), "driver": str(world.driver.staff_id)}
    assert "至少选择一名医师或护士" in client.post(first["Location"], crew).content.decode()
    assert client.post(first["Location"], {**crew, "doctor": str(world.crew.staff_id)}).status_code == 302
    board = client.get("/emergency/desk/").content.decode()
    assert "已派车" in board and "没有待派车的呼救" in board
    assert browser_of(world.nurse).get("/emergency/desk/").status_code == 403


def test_the_crews_telephone(world: EmergencyWorld) -> None:
    """The next button is the big one; a repeated sending is answered alike; a refusal says why; without the script the form works."""
    run = world.sent()
    client = browser_of(world.crew)
    assert f"/emergency/runs/{run.pk}/" in client.get("/emergency/mine/").content.decode()
    page = client.get(f"/emergency/runs/{run.pk}/").content.decode()
    assert page.count("is-next") == 1 and "tel:13900001111" in page
    tap = {"code": "departed", "idempotency_key": str(uuid4()), "waited": "240000"}
    for _again in range(2):
        answer = client.post(f"/emergency/runs/{run.pk}/tap/", tap, headers={"X-Tap": "1"})
        assert answer.status_code == 409 and "不能早于“派车”" in answer.json()["sentence"]
    tap["waited"] = "900"
    for _again in range(2):
        answer = client.post(f"/emergency/runs/{run.pk}/tap/", tap, headers={"X-Tap": "1"})
        assert answer.json()["ok"]
    plain = client.post(f"/emergency/runs/{run.pk}/tap/", {"code": "at_scene"}, follow=True).content.decode()
    assert "到达现场" in plain and TimePoint.objects.filter(run=run).count() == 3
    assert (
        client.post(f"/emergency/runs/{run.pk}/tap/", {"code": "nonsense", "waited": "x"}, follow=True).status_code
        == 200
    )
    client.post(f"/emergency/runs/{run.pk}/eta/", {"minutes": "10"})
    assert Case.objects.get(pk=run.case_id).eta_at is not None
    assert client.post(f"/emergency/runs/{run.pk}/eta/", {"minutes": "9999"}, follow=True).status_code == 200
    assert browser_of(world.crew2).get(f"/emergency/runs/{run.pk}/").status_code == 403


def test_the_hospital_sees_the_patient_before_he_arrives(world: EmergencyWorld) -> None:
    """Values with their direction, alerts, minutes, vehicle; what is held; another hospital sees nothing."""
    run = world.sent()
    world.tap(run, "departed", "at_patient", "on_board", "left_scene")
    for sbp, spo2 in ((110, 94), (84, 88)):
        measuring.send_signs(case_id=run.case_id, values={"sbp": sbp, "dbp": 60, "spo2": spo2}, actor=world.crew)
    client = browser_of(world.nurse)
    page = client.get("/emergency/hospital/board/").content.decode()
    assert "84/60" in page and "↓" in page and "血氧饱和度低于 90%" in page and "急救 1 号" in page
    held = client.post(f"/emergency/{run.case_id}/hold/{world.lab.pk}/", follow=True).content.decode()
    assert "已预留 导管室" in held and "导管室" in client.get("/emergency/hospital/").content.decode()
    refused = client.post(f"/emergency/{run.case_id}/handover/receive/", follow=True).content.decode()
    assert "还没有到院" in refused
    other = browser_of(world.outsider)
    assert other.get(f"/emergency/{run.case_id}/").status_code == 403
    assert "84/60" not in other.get("/emergency/hospital/").content.decode()


def test_a_known_person_is_read_with_a_line(world: EmergencyWorld) -> None:
    """Opening the case of a linked resident stands in the read log."""
    case = world.arrived()
    identity.link_resident(case_id=case.pk, resident_id=world.resident_id, proof="身份证", actor=world.nurse)
    assert "李秀英" in browser_of(world.doctor).get(f"/emergency/{case.pk}/").content.decode()
    assert ReadLog.objects.filter(resident_id=world.resident_id, subject_kind="emergency").exists()


def test_times_by_hand_and_corrections(world: EmergencyWorld) -> None:
    """One tap for now, a form for later, a sentence for what cannot be, the old time below."""
    case = world.arrived()
    client = browser_of(world.doctor)
    assert "首份心电图" in client.post(f"/emergency/{case.pk}/now/first_ecg/", follow=True).content.decode()
    bad = client.post(f"/emergency/{case.pk}/time/first_ecg/", {"at": "2020-01-01T08:00", "reason": "看错"})
    assert bad.status_code == 422 and "这个时间太早" in bad.content.decode()
    now = TimePoint.objects.get(case=case, code="first_ecg").at
    shown = now.astimezone().strftime("%Y-%m-%dT%H:%M:%S")
    client.post(f"/emergency/{case.pk}/time/first_ecg/", {"at": shown, "reason": "看错"})
    assert client.get(f"/emergency/{case.pk}/time/nonsense/").status_code == 404
    assert client.get(f"/emergency/{case.pk}/").status_code == 200


def test_quality_form_figures_and_prints(world: EmergencyWorld) -> None:
    """The form of the pathway; figures with rows, print and export; both sheets of a case."""
    case = world.handed()
    watcher = browser_of(world.quality)
    path = f"/emergency/{case.pk}/quality/"
    assert watcher.post(path, {"diagnosis": "stemi"}).status_code == 422
    assert watcher.post(path, {"diagnosis": "stemi", "delay": ["consent"], "verdict": "improve"}).status_code == 302
    assert watcher.post(path, {"diagnosis": "nstemi", "delay": ["none"], "verdict": "good"}).status_code == 302
    assert "NSTEMI" in watcher.get(f"/emergency/{case.pk}/").content.decode()
    page = watcher.get("/emergency/figures/").content.decode()
    assert "首次医疗接触到首份心电图" in page
    assert case.number in watcher.get("/emergency/figures/chest-pain/fmc_ecg/open/").content.decode()
    assert watcher.get("/emergency/figures/chest-pain/fmc_ecg/nonsense/").status_code == 404
    assert watcher.get("/emergency/figures/print/").content[:5] == b"%PDF-"
    assert watcher.get("/emergency/figures/export/").content[:2] == b"PK"
    for sheet in ("print", "handover/print"):
        assert browser_of(world.doctor).get(f"/emergency/{case.pk}/{sheet}/").content[:5] == b"%PDF-"
    assert TargetClock.objects.filter(case=case).exists()


def test_the_fleet_is_kept_by_a_page(world: EmergencyWorld) -> None:
    """Station, vehicle, resource; a plate once; not stopped while it is out."""
    client = browser_of(world.dispatcher)
    assert (
        client.post("/emergency/fleet/station/", {"name": "河口站", "institution_id": str(world.township)}).status_code
        == 302
    )
    path = f"/emergency/fleet/stations/{world.station.pk}/vehicle/"
    assert "已登记" in client.post(path, {"plate": "皖k12011", "kind": "carry"}).content.decode()
    assert client.post(path, {"plate": "皖K12013", "name": "急救 3 号", "kind": "carry"}).status_code == 302
    world.sent()
    stop = f"/emergency/fleet/vehicles/{world.ambulance.pk}/stop/"
    assert "不能停用" in client.post(stop, {"reason": "送修"}).content.decode()
    assert client.post(f"/emergency/fleet/vehicles/{world.second.pk}/stop/", {"reason": "送修"}).status_code == 302
    assert "送修" in client.get("/emergency/fleet/").content.decode()
    client.post(f"/emergency/fleet/vehicles/{world.second.pk}/resume/")
    assert Vehicle.objects.get(pk=world.second.pk).stopped_at is None
    assert client.post("/emergency/fleet/resource/", {"kind": "ct", "name": "CT 1", "capacity": "1"}).status_code == 302


def test_first_contact_from_the_residents_file(world: EmergencyWorld) -> None:
    """The township's button, the case, the list with a filter."""
    client = browser_of(world.gp)
    given = {"complaint": "stroke", "resident_id": str(world.resident_id), "by_ambulance": "on"}
    made = client.post(f"/emergency/first/?resident={world.resident_id}", given)
    assert made.status_code == 302 and "卒中" in client.get(made["Location"]).content.decode()
    assert "李秀英" in client.get("/emergency/cases/?group=way&pathway=stroke").content.decode()
    assert "没有急救病例" in client.get("/emergency/cases/?q=nobody").content.decode()


def test_the_department_by_its_pages(world: EmergencyWorld) -> None:
    """Walk-in, triage with values, care, outcome; what is missing is said."""
    client = browser_of(world.nurse)
    made = client.post("/emergency/walk-in/", {"complaint": "other", "patient_name": "王大爷", "patient_age": "70"})
    case = Case.objects.get()
    assert made["Location"].endswith("/triage/")
    milder = client.post(made["Location"], {"level": "4", "gcs": "7"})
    assert milder.status_code == 422 and "昏迷" in milder.content.decode()
    assert client.post(made["Location"], {"level": "1", "gcs": "7"}).status_code == 302
    client.post(f"/emergency/{case.pk}/move/resuscitate/")
    missing = client.post(f"/emergency/{case.pk}/outcome/", {"outcome": "admitted"})
    assert missing.status_code == 422 and "请写明收住的科室" in missing.content.decode()
    ended = {"outcome": "admitted", "place": "神经内科", "diagnosis_code": "", "diagnosis_code__text": "脑出血"}
    assert client.post(f"/emergency/{case.pk}/outcome/", ended).status_code == 302
    page = client.get(f"/emergency/{case.pk}/").content.decode()
    assert "收住入院" in page and "脑出血" in page
    assert not Run.objects.exists()
