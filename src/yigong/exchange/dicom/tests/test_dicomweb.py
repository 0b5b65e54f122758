"""DICOMweb under the platform's own rights: search in Chinese, frames by place, streams to disk."""

import tracemalloc
from io import BytesIO
from uuid import uuid4

import numpy as np
import pydicom
import pytest
from PIL import Image

from yigong.access import api as access
from yigong.access.models import ReadLog
from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.exchange.dicom import policies
from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.models import Instance, Study
from yigong.exchange.dicom.tests.samples import sample
from yigong.exchange.dicom.tests.worlds import attach, encoded, store
from yigong.residents.tests.factories import make_actor, make_resident

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(data, db):
    """A radiologist's browser."""
    policies._remembered.clear()
    return make_person("radiologist").client()


def _json(client, address: str, **asked: str) -> list:
    answer = client.get(f"/dicomweb/{address}", asked)
    return [] if answer.status_code == 204 else answer.json()


def _parts(answer) -> list[bytes]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    mark = b"\r\n--" + answer["Content-Type"].split("boundary=")[1].encode()
    return [part.split(b"\r\n\r\n", 1)[1] for part in body.split(mark)[1:-1]]


def test_studies_are_found_by_characters_pinyin_and_initials(reader):
    """DICOM wildcards in Chinese and Latin, fuzzy parts, dates, paging with its warning."""
    names = {"GB18030": "欧阳^小红", "ISO_IR 192": "李四", "ISO_IR 100": "ZHANG^SAN"}
    for charset, name in names.items():
        store(encoded(PatientName=name, SpecificCharacterSet=charset, StudyDate="20260301"))

    def found(**asked: str) -> set[str]:
        return {next(iter(study["00100010"]["Value"][0].values())) for study in _json(reader, "studies", **asked)}

    assert found(PatientName="欧阳*") == found(PatientName="*小红") == found(PatientName="oyxh") == {"欧阳^小红"}
    assert found(PatientName="ouyang*") == {"欧阳^小红"}
    assert found(PatientName="李?") == found(**{"00100010": "lisi"}) == {"李四"}
    assert found(PatientName="阳小", fuzzymatching="true") == {"欧阳^小红"}
    assert found(PatientName="阳小") == set()
    assert found(PatientName="zhang^s*") == {"ZHANG^SAN"}
    assert len(found(StudyDate="20260228-20260302")) == 3
    assert found(StudyDate="20260302-") == found(PatientName="100%") == set()
    answer = reader.get("/dicomweb/studies?limit=2")
    assert len(answer.json()) == 2 and "offset=2" in answer["Warning"]
    assert len(_json(reader, "studies", limit="2", offset="2")) == 1


def test_metadata_and_frames_come_from_the_index(reader):
    """All headers of a study in one answer; frames are the file's bytes; absent things are 404."""
    one, uid = encoded(InstanceNumber=2), pydicom.uid.generate_uid()
    head = pydicom.dcmread(BytesIO(one))
    two = encoded(
        InstanceNumber=1,
        StudyInstanceUID=head.StudyInstanceUID,
        SeriesInstanceUID=head.SeriesInstanceUID,
        SOPInstanceUID=uid,
    )
    study = store(one, two)
    base = f"studies/{study.uid}/series/{head.SeriesInstanceUID}"
    metadata = _json(reader, f"studies/{study.uid}/metadata")
    assert [item["00200013"]["Value"] for item in metadata] == [[1], [2]]
    assert metadata[0]["7FE00010"]["BulkDataURI"].endswith(f"{base}/instances/{uid}/bulk/7FE00010")
    assert metadata == _json(reader, f"{base}/metadata")
    assert [s["00201209"]["Value"] for s in _json(reader, f"studies/{study.uid}/series")] == [[2]]
    assert len(_json(reader, f"{base}/instances")) == 2
    answer = reader.get(f"/dicomweb/{base}/instances/{head.SOPInstanceUID}/frames/1")
    assert _parts(answer) == [head.PixelData[: head.Rows * head.Columns * 2]]
    assert reader.get(f"/dicomweb/{base}/instances/{head.SOPInstanceUID}/frames/2").status_code == 404
    assert reader.get(f"/dicomweb/{base}/instances/1.2.3/frames/1").status_code == 404
    assert reader.get("/dicomweb/studies/1.2.3/metadata").json()["code"] == "not_found"
    [whole] = _parts(reader.get(f"/dicomweb/{base}/instances/{uid}"))
    assert pydicom.dcmread(BytesIO(whole)).SOPInstanceUID == uid


@pytest.mark.parametrize(
    "name",
    ["JPEG2000.dcm", "MR_small_RLE.dcm", "SC_rgb_jpeg_dcmtk.dcm", "MR_small_jpeg_ls_lossless.dcm", "image_dfl.dcm"],
)
def test_compressed_frames_as_stored_or_decoded(reader, name):
    """The client that accepts the stored syntax gets the stored bytes, the other one pixels."""
    study = store(sample(name).read_bytes())
    row = Instance.objects.get()
    base = f"/dicomweb/studies/{study.uid}/series/{row.series.uid}/instances/{row.uid}"
    plain = reader.get(
        f"{base}/frames/1",
        headers={"Accept": 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1'},
    )
    [pixels] = _parts(plain)
    wanted = pydicom.pixels.pixel_array(pydicom.dcmread(sample(name)), raw=True)
    assert pixels == np.ascontiguousarray(wanted).tobytes()
    if row.frame_index:
        [stored] = _parts(reader.get(f"{base}/frames/1", headers={"Accept": "multipart/related; transfer-syntax=*"}))
        assert stored in files.path_of(row.digest).read_bytes()
    picture = reader.get(f"{base}/rendered", headers={"Accept": "image/png"})
    assert Image.open(BytesIO(picture.content)).size == wanted.shape[1::-1]


def test_pictures_follow_the_window(reader):
    """A lung window and a bone window of the same CT differ; a thumbnail is small; nonsense numbers are ignored."""
    study = store(encoded())
    row = Instance.objects.get()
    base = f"/dicomweb/studies/{study.uid}/series/{row.series.uid}/instances/{row.uid}"

    def mean(window: str) -> float:
        answer = reader.get(f"{base}/rendered", {"window": window}, headers={"Accept": "image/png"})
        return float(np.asarray(Image.open(BytesIO(answer.content))).mean())

    assert mean("-600,1500,LINEAR") > mean("400,1800,LINEAR")
    assert mean("nan-sense") == mean("")
    small = reader.get(f"{base}/thumbnail")
    assert max(Image.open(BytesIO(small.content)).size) <= 160


def test_who_may_see_a_study_and_who_looked(data):
    """Unmatched: those who match. Matched: those related to the resident, one line of the log however many frames."""
    policies._remembered.clear()
    gp, stranger, technician, clerk = (make_person(role) for role in ("gp", "gp", "technician", "insurance_clerk"))
    study = store(encoded())
    row = Instance.objects.get()
    frame = f"/dicomweb/studies/{study.uid}/series/{row.series.uid}/instances/{row.uid}/frames/1"
    assert gp.client().get(frame).status_code == 403
    assert technician.client().get(frame).status_code == 200
    resident = make_resident(make_actor("gp"))
    attach(study, resident.id, uuid4())
    access.open_relationship(resident_id=resident.id, institution_id=gp.institution.id, basis="order", source=uuid4())
    policies._remembered.clear()
    browser = gp.client()
    for _ in range(3):
        assert browser.get(frame).status_code == 200
    policies._remembered.clear()  # another worker process
    assert browser.get(frame).status_code == 200
    assert ReadLog.objects.filter(resident_id=resident.id, subject_kind="study", allowed=True).count() == 1
    with clock.travel(policies.WINDOW * 1.1):
        policies._remembered.clear()
        policies.open_study(study.pk, actor=gp.actor)
    assert ReadLog.objects.filter(resident_id=resident.id, subject_kind="study", allowed=True).count() == 2
    refused = stranger.client().get(frame)
    assert refused.status_code == 403 and "服务关系" in refused.json()["message"]
    assert len(_json(browser, "studies")) == 1 and not _json(stranger.client(), "studies")
    assert clerk.client().get(frame).status_code == 403


def _multipart(*objects: bytes) -> dict:
    body = b"".join(b"\r\n--XX\r\nContent-Type: application/dicom\r\n\r\n" + raw for raw in objects) + b"\r\n--XX--\r\n"
    return {"data": body, "content_type": 'multipart/related; type="application/dicom"; boundary=XX'}


def test_storing_by_http_takes_what_is_good(reader, data):
    """All, some, none: 200, 202, 409, each refusal with its status; nothing unfinished stays."""
    first, second = encoded(), encoded(PatientName="王五", SpecificCharacterSet="GB18030")
    assert reader.post("/dicomweb/studies", **_multipart(first)).status_code == 200
    answer = reader.post("/dicomweb/studies", **_multipart(first, second, second[:-900], b"no" * 200))
    assert answer.status_code == 202
    assert len(answer.json()["00081199"]["Value"]) == 2
    assert [item["00081197"]["Value"] for item in answer.json()["00081198"]["Value"]] == [[0xC000], [0xC000]]
    assert reader.post("/dicomweb/studies/1.2.3", **_multipart(encoded())).status_code == 409
    assert reader.post("/dicomweb/studies", data=b"x", content_type="text/plain").status_code == 415
    assert Study.objects.get(patient_name="王五").image_count == 1
    assert Study.objects.count() == 2
    assert not list(files.incoming().iterdir())


def test_a_large_object_does_not_eat_memory(reader, data):
    """Forty megabytes go through in pieces."""
    large = encoded(Rows=4096, Columns=4096, PixelData=bytes(4096 * 4096 * 2))
    sent = _multipart(large)
    tracemalloc.start()
    answer = reader.post("/dicomweb/studies", **sent)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 200
    assert peak < 2.5 * len(large)  # the test client holds the request once itself


def test_too_much_is_refused_before_it_is_read(reader):
    """The declared length is enough for the answer, in Chinese, with the remedy."""
    answer = reader.post(
        "/dicomweb/studies", **_multipart(b""), headers={"Content-Length": str(3 * 1024**3)}, CONTENT_LENGTH=3 * 1024**3
    )
    assert answer.status_code == 413 and "分批" in answer.json()["message"]
