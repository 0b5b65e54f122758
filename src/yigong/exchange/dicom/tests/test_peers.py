"""Other archives and devices ask us: dcmtk's query programs, Orthanc as a neighbour, commitment, worklist."""

import json
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    StorageCommitmentPushModel,
    StudyRootQueryRetrieveInformationModelGet,
)

from yigong.core.testing import wait_for
from yigong.exchange.dicom.models import Commitment, Instance, Node, Study
from yigong.exchange.dicom.scp.commitment import report_waiting
from yigong.exchange.dicom.tests.samples import sample
from yigong.exchange.dicom.tests.worlds import encoded, store


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(folder: Path) -> list[Dataset]:
    return [pydicom.dcmread(place, force=True) for place in sorted(folder.glob("rsp*.dcm"))]


def test_queries_by_level_and_by_chinese_names(archive, peer, tmp_path):
    """Study, series and image level; a GB18030 device asks in GB18030 and is answered in it."""
    study = store(
        encoded(PatientName="张^三", SpecificCharacterSet="GB18030", AccessionNumber="IM7", StudyDate="20260301")
    )
    store(encoded(PatientName="LI^SI"))

    def ask(folder: str, *keys: str) -> list[Dataset]:
        place = tmp_path / folder
        place.mkdir()
        options = [part for key in keys for part in ("-k", key)]
        peer("findscu", "-S", "-X", "-od", str(place), *options)
        return _answers(place)

    [found] = ask(
        "a",
        "QueryRetrieveLevel=STUDY",
        "AccessionNumber=IM7",
        "PatientName",
        "NumberOfStudyRelatedInstances",
        "StudyInstanceUID",
    )
    assert str(found.PatientName) == "张^三" and found.NumberOfStudyRelatedInstances == 1
    [series] = ask(
        "b", "QueryRetrieveLevel=SERIES", f"StudyInstanceUID={study.uid}", "SeriesInstanceUID", "Modality=CT"
    )
    assert series.SeriesInstanceUID == study.series.get().uid
    [image] = ask("c", "QueryRetrieveLevel=IMAGE", f"StudyInstanceUID={study.uid}", "SOPInstanceUID", "Rows")
    assert image.SOPInstanceUID == Instance.objects.get(series__study=study).uid and image.Rows == 128
    assert len(ask("d", "QueryRetrieveLevel=STUDY", "PatientName=zs", "StudyInstanceUID")) == 1
    assert len(ask("e", "QueryRetrieveLevel=STUDY", "StudyDate=20260301-", "StudyInstanceUID")) == 1
    asked = Dataset()
    asked.SpecificCharacterSet, asked.PatientName, asked.QueryRetrieveLevel = "GB18030", "张*", "STUDY"
    asked.StudyInstanceUID = ""
    question = tmp_path / "q.dcm"
    pydicom.dcmwrite(question, asked, implicit_vr=True, little_endian=True)
    place = tmp_path / "f"
    place.mkdir()
    peer("findscu", "-S", "-X", "-od", str(place), question)
    [found] = _answers(place)
    assert found.SpecificCharacterSet == "GB18030" and str(found.PatientName) == "张^三"


def test_a_node_without_the_right_is_refused(archive, peer):
    """Queries need the permission of the node."""
    Node.objects.update(may_query=False)
    archive.directory.forget()
    said = peer("findscu", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID", ok=False)
    assert "0x124" in said.stderr + said.stdout


def test_a_study_is_moved_to_a_registered_node_only(archive, peer, tmp_path):
    """movescu receives its study on its own port, compressed as stored; an unknown destination is an error."""
    if not shutil.which("storescp"):
        pytest.skip("dcmtk's storescp is not installed")
    study = store(
        encoded(),
    )
    compressed = store(sample("JPEG2000.dcm").read_bytes())
    port, place = free_port(), tmp_path / "moved"
    place.mkdir()
    Node.objects.create(title="WORKST", name="工作站", host="127.0.0.1", port=port)
    archive.directory.forget()
    receiver = subprocess.Popen(
        ["storescp", "-aet", "WORKST", "+xa", "-od", str(place), str(port)], stdout=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: _listens(port))
        for uid in (study.uid, compressed.uid):
            peer("movescu", "-S", "-aem", "WORKST", "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={uid}")
        unknown = peer(
            "movescu",
            "-S",
            "-aem",
            "NOBODY",
            "-k",
            "QueryRetrieveLevel=STUDY",
            "-k",
            f"StudyInstanceUID={study.uid}",
            ok=False,
        )
    finally:
        receiver.kill()
        receiver.wait()
    received = [pydicom.dcmread(file) for file in place.iterdir()]
    assert {image.StudyInstanceUID for image in received} == {study.uid, compressed.uid}
    assert {image.file_meta.TransferSyntaxUID for image in received} == set(
        Instance.objects.values_list("transfer_syntax", flat=True)
    )
    assert "MoveDestinationUnknown" in unknown.stderr + unknown.stdout


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_study_is_got_over_the_same_association(archive):
    """C-GET with pynetdicom as the asking side."""
    study = store(encoded())
    received = []
    caller = AE(ae_title="STORESCU")
    caller.add_requested_context(StudyRootQueryRetrieveInformationModelGet)
    caller.add_requested_context(CTImageStorage, "1.2.840.10008.1.2.1")

    def take(event: evt.Event) -> int:
        received.append(event.dataset)
        return 0x0000

    link = caller.associate(
        "127.0.0.1", archive.server_address[1], ext_neg=[build_role(CTImageStorage, scp_role=True)],
        evt_handlers=[(evt.EVT_C_STORE, take)],
    )  # fmt: skip
    asked = Dataset()
    asked.QueryRetrieveLevel, asked.StudyInstanceUID = "STUDY", study.uid
    answers = [status.Status for status, _ in link.send_c_get(asked, StudyRootQueryRetrieveInformationModelGet)]
    link.release()
    assert answers[-1] == 0x0000
    assert [image.StudyInstanceUID for image in received] == [study.uid]


def test_commitment_is_reported_for_what_is_safe(archive):
    """Held and missing objects are told apart in the report that comes on its own association, after the node was down once."""
    held, port = encoded(), free_port()
    store(held)
    uid = pydicom.dcmread(BytesIO(held)).SOPInstanceUID
    Node.objects.filter(title="STORESCU").update(host="127.0.0.1", port=port)
    archive.directory.forget()
    caller = AE(ae_title="STORESCU")
    caller.add_requested_context(StorageCommitmentPushModel)
    link = caller.associate("127.0.0.1", archive.server_address[1])
    asked = Dataset()
    asked.TransactionUID = "1.2.3.4"
    asked.ReferencedSOPSequence = [_reference(uid), _reference("1.2.3.999")]
    status, _ = link.send_n_action(asked, 1, StorageCommitmentPushModel, "1.2.840.10008.1.20.1.1")
    link.release()
    assert status.Status == 0x0000
    wait_for(lambda: Commitment.objects.filter(last_error="unreachable").exists())
    told = []

    def hear(event: evt.Event) -> tuple[int, None]:
        told.append((event.event_type, event.event_information))
        return 0x0000, None

    listener = AE(ae_title="STORESCU")
    listener.add_supported_context(StorageCommitmentPushModel, scu_role=False, scp_role=True)
    server = listener.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, hear)])
    try:
        wait_for(lambda: report_waiting() or Commitment.objects.filter(reported_at__isnull=False).exists())
    finally:
        server.shutdown()
    kind, report = told[0]
    assert kind == 2
    assert [item.ReferencedSOPInstanceUID for item in report.ReferencedSOPSequence] == [uid]
    assert [item.ReferencedSOPInstanceUID for item in report.FailedSOPSequence] == ["1.2.3.999"]


def _reference(uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CTImageStorage, uid
    return item


class Neighbour:
    """An Orthanc that knows us."""

    def __init__(self, folder: Path, ours: int) -> None:
        self.http, self.dicom = free_port(), free_port()
        settings = {
            "Name": "neighbour", "StorageDirectory": str(folder / "db"), "IndexDirectory": str(folder / "db"),
            "HttpPort": self.http, "DicomPort": self.dicom, "DicomAet": "ORTHANC", "DefaultEncoding": "Utf8",
            "AuthenticationEnabled": False, "DicomModalities": {"yigong": ["YIGONG", "127.0.0.1", ours]},
            "DicomCheckModalityHost": True, "DicomAlwaysAllowStore": False, "Plugins": [],
        }  # fmt: skip
        (folder / "orthanc.json").write_text(json.dumps(settings))
        with (folder / "orthanc.log").open("w") as log:
            self.process = subprocess.Popen(["Orthanc", str(folder / "orthanc.json")], stdout=log, stderr=log)

    def call(self, path: str, body: object = None) -> object:
        """Its REST interface."""
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}{path}", data=data, timeout=30) as answer:
            return json.loads(answer.read() or b"null")


@pytest.fixture
def neighbour(own_network, archive, tmp_path) -> Iterator[Neighbour]:
    """A running Orthanc that may do everything with us; it listens on every interface, hence the network of its own."""
    if not shutil.which("Orthanc"):
        pytest.skip("Orthanc is not installed")
    found = Neighbour(tmp_path, archive.server_address[1])
    wait_for(lambda: _listens(found.http))
    Node.objects.create(
        title="ORTHANC", name="上级归档", host="127.0.0.1", port=found.dicom, may_query=True, may_retrieve=True
    )
    archive.directory.forget()
    yield found
    found.process.kill()
    found.process.wait()


@pytest.mark.usefixtures("own_network")
def test_an_upstream_archive_sends_asks_and_fetches(archive, neighbour):
    """Orthanc echoes, stores into ours, finds by Chinese name and moves a study of ours to itself."""
    assert neighbour.call("/modalities/yigong/echo", {}) == {}
    theirs = neighbour.call("/instances", encoded(PatientName="王^五", SpecificCharacterSet="ISO_IR 192"))
    neighbour.call("/modalities/yigong/store", [theirs["ID"]])
    archive.settle_due(everything=True)
    assert Study.objects.get().patient_name == "王五"
    ours = store(encoded(PatientName="钱^七", SpecificCharacterSet="GB18030"))
    query = neighbour.call("/modalities/yigong/query", {"Level": "Study", "Query": {"PatientName": "钱*"}})
    assert len(neighbour.call(f"/queries/{query['ID']}/answers")) == 1
    neighbour.call(f"/queries/{query['ID']}/retrieve", b"ORTHANC")
    wait_for(lambda: len(neighbour.call("/studies")) == 2)
    found = neighbour.call("/tools/find", {"Level": "Study", "Query": {"StudyInstanceUID": ours.uid}})
    assert len(found) == 1


@pytest.mark.usefixtures("own_network")
def test_a_receiver_that_is_down_is_retried_without_a_double(archive, neighbour, peer):
    """Orthanc's job fails while we are down, is repeated when we are up, and nothing is there twice."""
    stored = neighbour.call("/instances", encoded())
    Node.objects.filter(title="ORTHANC").update(may_store=False)
    archive.directory.forget()
    with pytest.raises(urllib.error.HTTPError):
        neighbour.call("/modalities/yigong/store", [stored["ID"]])
    Node.objects.filter(title="ORTHANC").update(may_store=True)
    archive.directory.forget()
    for _ in range(2):
        neighbour.call("/modalities/yigong/store", [stored["ID"]])
    assert Instance.objects.count() == 1
