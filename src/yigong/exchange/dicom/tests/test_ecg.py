"""A 12-lead ECG sent by dcmtk: stored by the archive, attached by accession number, read and measured by the ECG centre."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file

from yigong.centres.ecg import api as ecg
from yigong.centres.ecg.tests.world import EcgWorld, make_ecg_world, tell
from yigong.centres.emergency import api as emergency
from yigong.core.testing import wait_for
from yigong.exchange.dicom import api, commands
from yigong.exchange.dicom.models import Instance, Study
from yigong.orders import api as orders
from yigong.orders.tests.world import BOOT, browser_of, person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(archive: Any) -> EcgWorld:
    """The small county, with the archive listening."""
    return make_ecg_world()


def sent(peer: Any, tmp_path: Path, **values: str) -> Study:
    """pydicom's sample with other identifiers, sent by storescu, once it is settled."""
    data = pydicom.dcmread(get_testdata_file("waveform_ecg.dcm"))
    for name, value in values.items():
        setattr(data, name, value)
    place, out = tmp_path / "ecg.dcm", BytesIO()
    pydicom.dcmwrite(out, data)
    place.write_bytes(out.getvalue())
    peer("storescu", "-xe", str(place))
    wait_for(lambda: Study.objects.filter(settled_at__isnull=False, image_count=1).exists())
    tell()
    return Study.objects.get()


def test_an_ecg_from_a_device_reaches_its_order(county: EcgWorld, peer: Any, tmp_path: Path) -> None:
    """Found by accession number; the other name blocks the report until a person has checked; the centre shows twelve leads."""
    order = county.place()
    study = sent(
        peer, tmp_path, AccessionNumber=order.accession, PatientName="LI^XIUYING", PatientBirthDate="", PatientID=""
    )
    assert study.matching == Study.Matching.MATCHED
    [recording] = ecg.recordings_of_order(order.id)
    assert recording.form == "dicom" and not recording.missing and recording.proposals
    assert {code: value for code, _label, value in recording.proposals.values}["heart_rate"] == "61 次/分"
    shown = orders.order(order.id, actor=county.reader)
    assert shown.state == "uploaded" and shown.identity == "equal"
    [report] = orders.worklist("ecg", county.reader).items
    assert report.order_id == order.id
    page = browser_of(county.reader).get(f"/orders/{order.id}/report/").content.decode()
    assert f"/ecg/{order.id}/trace/?embed=1" in page and "no-picture" not in page
    tell()
    assert len(ecg.recordings_of_order(order.id)) == 1 and Instance.objects.count() == 1


def test_an_ecg_of_an_ambulance_opens_on_its_case(county: EcgWorld, peer: Any, tmp_path: Path) -> None:
    """Sent under the case's number: no order has it, the emergency has, its reader is asked, and the archive's desk does not list it."""
    case = emergency.meet_first(given=emergency.NewCase(complaint="chest_pain"), actor=county.village_doctor)
    sent(peer, tmp_path, AccessionNumber=case.number, PatientName="", PatientID="")
    tell()
    tell()
    assert Study.objects.get().matching == Study.Matching.CASE
    [recording] = ecg.recordings_of_case(case.pk)
    assert recording.form == "dicom" and recording.order_id is None and recording.proposals
    page = browser_of(county.village_doctor).get(f"/emergency/{case.pk}/").content.decode()
    assert "看图判读" in page
    technician = browser_of(person("卫技师", county.base.village, "technician"))
    assert f"/dicom/studies/{Study.objects.get().pk}/match/" not in technician.get("/dicom/unmatched/").content.decode()
    # pydicom's sample is years old: a device whose clock is wrong is told of, its recording is not lost.
    assert "按收到时间登记" in page


def test_an_unknown_ecg_waits_and_a_detached_one_is_taken_back(county: EcgWorld, peer: Any, tmp_path: Path) -> None:
    """The archive's own desk lists it; attached by a technician with a reason; detaching empties the order."""
    study = sent(peer, tmp_path)
    technician = person("卫技师", county.base.village, "technician")
    assert study.matching == Study.Matching.UNMATCHED
    order = county.place()
    api.attach_study(study_id=study.id, order_id=order.id, actor=technician, reason="电话核对姓名")
    tell()
    assert len(ecg.recordings_of_order(order.id)) == 1
    commands.detach_study(study_id=study.id, reason="选错了申请单", actor=technician)
    tell()
    assert not ecg.recordings_of_order(order.id)
    assert orders.order(order.id, actor=BOOT).state == "repeat"
