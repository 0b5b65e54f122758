"""Receiving from real senders: what is acknowledged is stored and indexed, what is refused leaves nothing."""

import errno
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pydicom
import pytest
from django.db import connection

from yigong.core.events.models import OutboxEvent
from yigong.core.testing import race, wait_for
from yigong.exchange.dicom.archive import files, ingest
from yigong.exchange.dicom.models import ConflictingInstance, Instance, Node, Series, Study
from yigong.exchange.dicom.tests.samples import sample


def files_in(data: Path) -> list[Path]:
    """All stored and unfinished files."""
    return sorted(place for place in data.rglob("*") if place.is_file())


def test_an_image_is_stored_once_with_its_study(archive, peer, make_image, data):
    """Two images of one series, one sent twice: two files, one study, one event with the count."""
    one = make_image(PatientName="张^三丰", SpecificCharacterSet="GB18030", AccessionNumber="IM1")
    head = pydicom.dcmread(one)
    two = make_image(
        PatientName="张^三丰", SpecificCharacterSet="GB18030",
        StudyInstanceUID=head.StudyInstanceUID, SeriesInstanceUID=head.SeriesInstanceUID,
    )  # fmt: skip
    peer("echoscu")
    peer("storescu", one, two)
    peer("storescu", one)
    archive.settle_due(everything=True)
    study = Study.objects.get()
    assert (study.patient_name, study.pinyin, study.initials) == ("张三丰", "zhangsanfeng", "zsf")
    assert (study.accession_number, study.image_count, study.modalities) == ("IM1", 2, ["CT"])
    assert Series.objects.get().image_count == 2
    assert len(files_in(data)) == 2
    [arrived] = OutboxEvent.objects.filter(name="dicom.study_arrived")
    assert arrived.payload == {"study_id": str(study.pk), "study_uid": study.uid, "images": 2}


def test_the_stored_file_is_the_object_and_its_digest(peer, make_image, data):
    """The file under the digest reads as the same pixels, and its frame lies where the index says."""
    image = make_image()
    peer("storescu", image)
    row = Instance.objects.get()
    stored = files.path_of(row.digest)
    assert stored.name.startswith(bytes(row.digest).hex())
    sent, kept = pydicom.dcmread(image), pydicom.dcmread(stored)
    assert sent.PixelData == kept.PixelData
    frame = stored.read_bytes()[row.frame_index["start"] :][: row.frame_index["size"]]
    assert frame == sent.PixelData[: row.frame_index["size"]]


@pytest.mark.parametrize(
    ("name", "option"),
    [("JPEG2000.dcm", "-xw"), ("SC_rgb_jpeg_dcmtk.dcm", "-xy"), ("MR_small_RLE.dcm", "-xr"), ("SC_rgb_rle_2frame.dcm", "-xr")],
)  # fmt: skip
def test_compressed_objects_are_kept_as_sent(name, option, peer):
    """The transfer syntax is kept and each frame's fragments are found."""
    place = sample(name)
    sent = pydicom.dcmread(place)
    peer("storescu", option, place)
    row = Instance.objects.get()
    assert row.transfer_syntax == sent.file_meta.TransferSyntaxUID
    assert row.frames == len(row.frame_index["frames"]) == int(sent.get("NumberOfFrames", 1))
    stored = files.path_of(row.digest).read_bytes()
    first = b"".join(stored[start : start + length] for start, length in row.frame_index["frames"][0])
    assert first in Path(place).read_bytes()


def test_an_unknown_caller_waits_or_is_refused(archive, peer, make_image, settings):
    """Quarantine stores with the reason; refusal closes the door; a node without the right is told so."""
    peer("storescu", make_image(), title="STRANGER")
    assert Study.objects.get().reason == Study.Reason.SENDER
    settings.DICOM_UNKNOWN_CALLERS = "refuse"
    assert "Rejected" in peer("storescu", make_image(), title="STRANGER", ok=False).stderr
    Node.objects.update(may_store=False)
    archive.directory.forget()
    assert "0x124" in peer("storescu", make_image(), ok=False).stderr
    assert Instance.objects.count() == 1


def test_other_content_under_the_same_uid_is_kept_aside(peer, make_image, data):
    """The first stays, the second is listed with its file, and the sender is warned."""
    first = make_image(PatientID="A")
    uid = pydicom.dcmread(first).SOPInstanceUID
    peer("storescu", first)
    again = make_image(PatientID="B", SOPInstanceUID=uid)
    assert "CoercionOfDataElements" in peer("storescu", again).stderr
    assert pydicom.dcmread(files.path_of(Instance.objects.get().digest)).PatientID == "A"
    aside = ConflictingInstance.objects.get()
    assert pydicom.dcmread(files.path_of(aside.digest)).PatientID == "B"
    assert len(files_in(data)) == 2


def _send_raw(server, sop_class: str, sop_instance: str, body: bytes) -> int:
    """Send any bytes as a data set and return the status."""
    from io import BytesIO

    from pynetdicom import AE
    from pynetdicom.dimse_primitives import C_STORE

    entity = AE(ae_title="STORESCU")
    entity.add_requested_context(sop_class, "1.2.840.10008.1.2.1")
    link = entity.associate("127.0.0.1", server.server_address[1])
    assert link.is_established
    request = C_STORE()
    request.MessageID, request.Priority = 1, 2
    request.AffectedSOPClassUID, request.AffectedSOPInstanceUID = sop_class, sop_instance
    request.DataSet = BytesIO(body)
    link._reactor_checkpoint.clear()
    link.dimse.send_msg(request, 1)
    _, answer = link.dimse.get_msg(block=True)
    link._reactor_checkpoint.set()
    link.release()
    return answer.Status


def test_broken_objects_are_refused_and_leave_nothing(archive, make_image, data):
    """Truncated, nonsense and mislabelled objects each get their own failure status."""
    place = make_image()
    image = pydicom.dcmread(place)
    raw = place.read_bytes()
    body = raw[ingest.parcel_of_file(raw).start :]
    whole = (image.SOPClassUID, image.SOPInstanceUID)
    assert _send_raw(archive, *whole, body[:-2000]) == 0xC000
    assert _send_raw(archive, *whole, body[:900]) == 0xC000
    assert _send_raw(archive, *whole, b"<html>" * 50) == 0xC000
    assert _send_raw(archive, image.SOPClassUID, "1.2.3", body) == 0xA900
    assert _send_raw(archive, "1.2.840.10008.5.1.4.1.1.4", image.SOPInstanceUID, body) == 0xA900
    assert not files_in(data)
    assert not Instance.objects.exists()
    assert not Study.objects.exists()
    assert _send_raw(archive, *whole, body) == 0x0000


def test_a_full_disk_is_out_of_resources_and_the_retry_is_taken(archive, peer, make_image, data, monkeypatch):
    """0xA700 while the disk is full, no file and no row; the same sender succeeds afterwards."""
    image = make_image()
    real = os.write

    def full(descriptor: int, content: bytes) -> int:
        if len(content) > 4096:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, content)

    monkeypatch.setattr(files.os, "write", full)
    assert "Refused: OutOfResources" in peer("storescu", image, ok=False).stderr
    assert not files_in(data)
    assert not Study.objects.exists()
    monkeypatch.setattr(files.os, "write", real)
    peer("storescu", image)
    assert Instance.objects.count() == 1


def test_the_senders_retry_after_an_outage_is_taken_without_a_double(archive, peer, make_image, data):
    """A sender that lost the answer sends all again: nothing is doubled, nothing is missing."""
    images = [make_image() for _ in range(3)]
    peer("storescu", images[0])
    peer("storescu", *images)
    assert Instance.objects.count() == 3
    assert len(files_in(data)) == 3


@pytest.mark.race("dicom.store")
@pytest.mark.django_db(transaction=True)
def test_two_senders_of_the_same_image_at_once(make_image, data):
    """One new, one already there; one study, one series, one file."""
    files.prepare()
    raw = make_image().read_bytes()

    def send() -> str:
        return ingest.Intake(ingest.Sender("X")).store(ingest.parcel_of_file(raw)).outcome

    assert sorted(race(send, send)) == ["again", "new"]
    assert (Study.objects.count(), Series.objects.count(), Instance.objects.count()) == (1, 1, 1)
    assert len(files_in(data)) == 1


def test_what_was_acknowledged_survives_a_kill(transactional_db, peer, make_image, data, settings):
    """A receiving process is killed with SIGKILL in the middle: each acknowledged image is whole, and nothing is half."""
    images = [make_image() for _ in range(40)]
    Node.objects.filter(title="STORESCU").update(may_store=True)
    environment = {
        **os.environ,
        "YIGONG_DATA": str(settings.DATA),
        "DATABASE_URL": _test_database_url(settings),
        "PYTHONPATH": "src",
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "yigong", "manage", "dicom_server", "--port", "0"],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        port = re.search(r":(\d+) ", server.stdout.readline())[1]
        sender = subprocess.Popen(
            ["storescu", "-v", "127.0.0.1", port, *map(str, images)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )  # fmt: skip
        acknowledged = []
        for line in sender.stdout:
            if line.startswith("I: Sending file:"):
                acknowledged.append(Path(line.split(": ", 2)[2].strip()).stem)
            if "Received Store Response (Success)" in line and len(acknowledged) == 10:
                server.kill()
                break
        sender.communicate(timeout=30)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    for uid in acknowledged:
        row = Instance.objects.get(uid=uid)
        assert pydicom.dcmread(files.path_of(row.digest)).SOPInstanceUID == uid
    held = {bytes(digest) for digest in Instance.objects.values_list("digest", flat=True)}
    for place in files_in(data):
        if place.parent.name != "incoming":
            assert files.hashlib.sha256(place.read_bytes()).digest().hex() == place.stem
    assert len(held) <= len(images)
    files.prepare()
    assert not list(files.incoming().iterdir())
    peer("storescu", *images)
    assert Instance.objects.count() == len(images)


def _test_database_url(settings) -> str:
    database = settings.DATABASES["default"]
    return f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"


def test_a_port_in_use_is_said_clearly(archive):
    """The command names the port and the remedy."""
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError, match=r"不可用.*YIGONG_DICOM_PORT"):
        call_command("dicom_server", port=archive.server_address[1])


def test_studies_settle_when_images_stop(archive, peer, make_image):
    """Release of the association is enough; later images tell a new count."""
    first = make_image()
    peer("storescu", first)
    limit = time.monotonic() + 20
    while not OutboxEvent.objects.filter(name="dicom.study_arrived").exists() and time.monotonic() < limit:
        time.sleep(0.05)
    head = pydicom.dcmread(first)
    peer("storescu", make_image(StudyInstanceUID=head.StudyInstanceUID))
    archive.settle_due(everything=True)
    told = OutboxEvent.objects.filter(name="dicom.study_arrived").order_by("id")
    assert [event.payload["images"] for event in told] == [1, 2]


def _cut_all_others() -> int:
    """End every other connection to this database; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(pg_terminate_backend(pid)) from pg_stat_activity where backend_type = 'client backend' "
            "and datname = current_database() and pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]


def test_images_are_settled_after_the_database_was_away(archive, peer, make_image):
    """Every connection of the archive is cut: what arrives afterwards is stored and settled all the same."""
    wait_for(_cut_all_others)  # once its own connection stands
    peer("storescu", make_image())
    wait_for(lambda: Study.objects.filter(settled_at__isnull=False).exists())
