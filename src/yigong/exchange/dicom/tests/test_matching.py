"""Images find their order: by accession number, by the worklist's Patient ID, or by a person."""

from datetime import timedelta

import pydicom
import pytest

from yigong.access.models import ReadLog
from yigong.access.tests.factories import Person, make_person
from yigong.core import clock
from yigong.core.events.relay import deliver_waiting
from yigong.core.testing import race
from yigong.exchange.dicom import api, policies
from yigong.exchange.dicom.commands import AlreadyAttached, attach_study
from yigong.exchange.dicom.models import Node, Study, StudyAttachment
from yigong.exchange.dicom.tests.worlds import encoded, store
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.tests.world import make_world


@pytest.fixture
def world(data, db):
    """A small county with a resident 李秀英, and nothing remembered."""
    policies._remembered.clear()
    return make_world()


@pytest.fixture
def accepted(world):
    """A chest film ordered and accepted at the township."""
    order = world.place()
    return order if order.state != "requested" else orders.accept_order(order_id=order.id, actor=world.technician)


def _of(world, **more):
    """What a device writes about this resident."""
    born = clock.today() - timedelta(days=40 * 365)
    facts = {
        "PatientName": "李^秀英", "SpecificCharacterSet": "GB18030", "PatientID": world.resident_id.hex, "PatientSex": "F",
        "PatientBirthDate": born.strftime("%Y%m%d"), "Modality": "DX",
    }  # fmt: skip
    return encoded(**(facts | more))


def _technician(world) -> Person:
    return make_person("technician", at=network.institution(world.township))


def test_the_accession_number_is_enough(world, accepted):
    """The order is uploaded, a report waits, the reading page gets the quick look, the township sees the study."""
    study = store(_of(world, AccessionNumber=accepted.accession))
    deliver_waiting()
    found = StudyAttachment.objects.get()
    assert (found.order_id, found.method, found.identity_differs) == (accepted.id, "accession", False)
    assert orders.find_by_accession(accepted.accession).state == "uploaded"
    [link] = orders.viewers_of(accepted.id)
    assert link.embed and str(study.pk) in link.url
    assert [one.id for one in api.studies_of_order(accepted.id)] == [study.pk]
    assert [one.id for one in api.studies_of_resident(world.resident_id)] == [study.pk]
    assert policies.visible(world.gp).filter(pk=study.pk).exists()
    head = study.series.get()
    store(_of(world, AccessionNumber=accepted.accession, StudyInstanceUID=study.uid, SeriesInstanceUID=head.uid))
    deliver_waiting()
    assert StudyAttachment.objects.count() == 1


def test_the_worklists_patient_id_is_enough_for_one_open_order(world, accepted):
    """No accession number, but the Patient ID that our worklist gave."""
    store(_of(world))
    deliver_waiting()
    assert StudyAttachment.objects.get().method == "identity"


def test_another_persons_images_wait_for_a_person(world, accepted):
    """The right number with the wrong name is listed, flagged, and attached only with a reason; undone with a reason."""
    study = store(
        _of(world, AccessionNumber=accepted.accession, PatientName="王^大山", PatientID="X9"),
        institution_id=world.township,
    )
    deliver_waiting()
    study.refresh_from_db()
    assert (study.matching, study.reason) == ("unmatched", "identity")
    client = _technician(world).client()
    page = client.get(f"/dicom/studies/{study.pk}/match/").content.decode()
    assert "李秀英" in page and "身份不一致" in page
    assert "李秀英" in client.get("/dicom/orders/?q=lxy").content.decode()
    form = {"order": str(accepted.id), "reason": ""}
    assert client.post(f"/dicom/studies/{study.pk}/match/", form).status_code == 422
    assert (
        client.post(f"/dicom/studies/{study.pk}/match/", form | {"reason": "电话核实，设备录错姓名"}).status_code == 302
    )
    assert StudyAttachment.objects.get().identity_differs
    assert "设备录错姓名" in client.get(f"/dicom/studies/{study.pk}/").content.decode()
    assert client.post(f"/dicom/studies/{study.pk}/detach/", {"reason": ""}).status_code == 422
    done = client.post(f"/dicom/studies/{study.pk}/detach/", {"reason": "选错了申请单"})
    assert done.status_code == 302, done.content.decode()[-3000:]
    study.refresh_from_db()
    assert (study.matching, study.reason) == ("unmatched", "detached")
    assert orders.find_by_accession(accepted.accession).state == "repeat"
    assert "已由人工解除关联" in client.get("/dicom/unmatched/").content.decode()


def test_unknown_and_mixed_images_are_never_matched_by_themselves(world, accepted):
    """An unregistered sender and two patients in one study wait, whatever their accession number says."""
    stranger = store(_of(world, AccessionNumber=accepted.accession), known=False)
    uid = pydicom.uid.generate_uid()
    facts = {
        "AccessionNumber": accepted.accession,
        "StudyInstanceUID": uid,
        "SeriesInstanceUID": pydicom.uid.generate_uid(),
    }
    mixed = store(_of(world, **facts), _of(world, **facts, PatientID="OTHER"))
    deliver_waiting()
    assert set(Study.objects.values_list("pk", "reason")) == {(stranger.pk, "sender"), (mixed.pk, "mixed")}
    assert not StudyAttachment.objects.exists()


def test_the_first_look_after_the_attachment_is_logged(world, accepted):
    """Who opened a study while it was nobody's and opens it again once it is somebody's stands in that person's log."""
    technician = _technician(world).actor
    study = store(_of(world, PatientID="UNKNOWN"), institution_id=world.township)
    policies.open_study(study.pk, actor=technician)
    lines = ReadLog.objects.filter(resident_id=world.resident_id, subject_kind="study")
    attach_study(study_id=study.pk, order_id=accepted.id, actor=world.technician, reason="核对无误")
    assert not lines.exists()
    policies.open_study(study.pk, actor=technician)
    policies.open_study(study.pk, actor=technician)
    assert lines.count() == 1


@pytest.mark.race("dicom.attach")
@pytest.mark.django_db(transaction=True)
def test_two_people_attach_one_study(data):
    """One wins, the other learns who was first."""
    policies._remembered.clear()
    world = make_world()
    orders_ = [world.place(), world.place()]
    for order in orders_:
        if order.state == "requested":
            orders.accept_order(order_id=order.id, actor=world.technician)
    study = store(_of(world, PatientID="UNKNOWN"), institution_id=world.township)
    outcomes = race(*[
        lambda order=order: attach_study(study_id=study.pk, order_id=order.id, actor=world.technician, reason="核对无误")
        for order in orders_
    ])  # fmt: skip
    assert sum(isinstance(outcome, AlreadyAttached) for outcome in outcomes) == 1
    assert StudyAttachment.objects.filter(detached_at__isnull=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_device_fetches_its_worklist_and_its_image_comes_home(archive, peer, tmp_path, make_image):
    """findscu -W gets the order with the Chinese name in GB18030; the image made from it is attached without a hand."""
    world = make_world()
    Node.objects.filter(title="STORESCU").update(institution_id=world.township, character_set="GB18030")
    archive.directory.forget()
    order = world.place()
    if order.state == "requested":
        order = orders.accept_order(order_id=order.id, actor=world.technician)
    keys = [
        "PatientName",
        "PatientID",
        "AccessionNumber",
        "StudyInstanceUID",
        "ScheduledProcedureStepSequence[0].Modality=DX",
    ]
    options = [part for key in keys for part in ("-k", key)]
    peer("findscu", "-W", "-X", "-od", str(tmp_path), *options)
    [place] = tmp_path.glob("rsp*.dcm")
    entry = pydicom.dcmread(place, force=True)
    assert (str(entry.PatientName), entry.AccessionNumber) == ("李秀英", order.accession)
    assert entry.ScheduledProcedureStepSequence[0].Modality == "DX"
    born = clock.today() - timedelta(days=40 * 365)
    image = make_image(
        PatientName=entry.PatientName, SpecificCharacterSet="GB18030", PatientID=entry.PatientID, Modality="DX", PatientSex="F",
        AccessionNumber=entry.AccessionNumber, StudyInstanceUID=entry.StudyInstanceUID, PatientBirthDate=born.strftime("%Y%m%d"),
    )  # fmt: skip
    peer("storescu", image)
    archive.settle_due(everything=True)
    deliver_waiting()
    assert StudyAttachment.objects.get().order_id == order.id
