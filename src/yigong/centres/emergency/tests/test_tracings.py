"""An ECG recorded in the ambulance: on the case, true to scale, read first, once, by who may."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yigong.centres.ecg.models import Recording
from yigong.centres.ecg.signals.synthetic import as_dicom, synthesise
from yigong.centres.ecg.signals.tracing import Subject
from yigong.centres.ecg.tests import writers
from yigong.centres.ecg.tests.world import INFERIOR
from yigong.centres.emergency.api import take_device_tracing
from yigong.centres.emergency.commands import calling, measuring
from yigong.centres.emergency.data import NewCase
from yigong.centres.emergency.models import SentTracing
from yigong.centres.emergency.tests.world import EmergencyWorld, points, tell
from yigong.core import clock
from yigong.core.actor import system
from yigong.core.errors import Conflict, Forbidden
from yigong.network import api as network
from yigong.orders.tests.world import BOOT, SINCE, browser_of, person
from yigong.tasks.models import Task


def recorded(seed: int = 1) -> bytes:
    """A heart attack as a device writes it, without a name."""
    tracing = synthesise(
        INFERIOR, seed=seed, taken_at=clock.now().astimezone(clock.SHANGHAI), subject=Subject(name="", sex="")
    )
    return writers.scp(tracing)


def test_a_file_from_the_ambulance_is_read_first(world: EmergencyWorld) -> None:
    """Sent from the telephone it opens on the case; the reader of the ECG centre is asked for ten minutes; his reading opens the pathway, stands on the
    crew's page and counts as the time of reading. A second reading is refused, so is a stranger's."""
    network.serve(
        centre_id=network.create_centre(
            kind="ecg", name="县心电中心", institution_id=world.county, actor=BOOT, starts_on=SINCE
        ).id,
        institution_id=world.county,
        starts_on=SINCE,
        actor=BOOT,
    )
    reader = person("褚读图", world.county, "ecg_reader")
    run = world.sent(world.call("breath"))
    world.tap(run, "departed", "at_scene", "at_patient")
    case = run.case
    crew = browser_of(world.crew)
    file = SimpleUploadedFile("1.scp", recorded())
    sent = crew.post(f"/emergency/{case.pk}/ecg/?from=run", {"finding": "unclear", "recording": file})
    assert sent.status_code == 302
    tell()
    tracing = SentTracing.objects.get()
    task = Task.objects.get(kind="emergency.tracing")
    assert task.role == "ecg_reader" and task.urgent and task.url == f"/emergency/{case.pk}/ecg/{tracing.pk}/trace/"
    desk = browser_of(reader)
    page = desk.get(task.url).content.decode()
    assert "提交判读" in page and "机器测量" in page and "提交判读" not in crew.get(task.url).content.decode()
    assert b"<svg" in desk.get(f"{task.url}picture/").content[:300]
    assert desk.get("/ecg/unmatched/").content.decode().count("1.scp") == 0
    assert desk.post(task.url, {"reading": "看过"}).status_code == 422
    assert (
        desk.post(task.url, {"finding": "st_elevation", "reading": "下壁 ST 段抬高，请直送导管室"}).status_code == 302
    )
    task.refresh_from_db()
    case.refresh_from_db()
    assert task.state == "done" and case.pathway == "chest-pain"
    assert {"first_ecg", "ecg_sent", "ecg_read"} <= set(points(case))
    assert "请直送导管室" in crew.get(f"/emergency/runs/{run.pk}/").content.decode()
    with pytest.raises(Conflict, match="褚读图"):
        measuring.read_tracing(tracing_id=tracing.pk, finding="normal", reading="", actor=world.doctor)
    with pytest.raises(Forbidden):
        measuring.read_tracing(tracing_id=tracing.pk, finding="normal", reading="", actor=world.outsider)


def test_a_device_sends_it_under_the_cases_number(world: EmergencyWorld) -> None:
    """What came through the archive twice is one; another number is nobody's; the same file for another case is refused."""
    case = world.sent().case
    tracing = synthesise(
        INFERIOR, seed=2, taken_at=clock.now().astimezone(clock.SHANGHAI), subject=Subject(name="", sex="")
    )
    given = {"content": as_dicom(tracing), "study_uid": "1.2.3", "institution_id": None, "actor": system("archive")}
    assert take_device_tracing(reference=case.number.lower(), **given)
    assert take_device_tracing(reference=case.number, **given)
    assert not take_device_tracing(reference="", **given) and not take_device_tracing(reference="BL0", **given)
    assert SentTracing.objects.get().finding == "unclear" and Recording.objects.get().case == case.pk
    other = calling.walk_in(given=NewCase(complaint="chest_pain"), actor=world.nurse)
    with pytest.raises(Conflict, match="另一张"):
        measuring.send_tracing(case_id=other.pk, finding="normal", recording=given["content"], actor=world.nurse)
