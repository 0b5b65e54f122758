"""The archive's pages as their users see them."""

import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from yigong.access.tests.factories import make_person
from yigong.exchange.dicom import policies
from yigong.exchange.dicom.models import Instance, Node, Study
from yigong.exchange.dicom.tests.worlds import encoded, store

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(data, db):
    """A senior radiologist's browser."""
    policies._remembered.clear()
    return make_person("senior_radiologist").client()


def test_list_quick_look_and_pictures(reader):
    """Found by initials; the quick look shows thumbnails, windows and a picture; the embedded form has no menu."""
    study = store(encoded(PatientName="赵^小明", SpecificCharacterSet="GB18030"))
    assert "赵小明" in reader.get("/dicom/studies/?q=zxm").content.decode()
    assert "赵小明" not in reader.get("/dicom/studies/?q=qq").content.decode()
    assert "赵小明" not in reader.get("/dicom/studies/?modality=MR").content.decode()
    page = reader.get(f"/dicom/studies/{study.pk}/").content.decode()
    assert "肺" in page and "-600,1500" in page and "1 / 1" in page
    series = study.series.get()
    assert reader.get(f"/dicom/studies/{study.pk}/{series.pk}/1/?window=40,400")["Content-Type"] == "image/jpeg"
    assert reader.get(f"/dicom/studies/{study.pk}/{series.pk}/2/").status_code == 404
    assert reader.get(f"/dicom/studies/{study.pk}/thumbnail/")["Content-Type"] == "image/jpeg"
    assert "y-menu" not in reader.get(f"/dicom/studies/{study.pk}/?embed=1").content.decode()


def test_a_report_without_pixels_has_a_page(reader):
    """A structured report shows a sentence instead of a broken picture."""
    study = store(encoded("test-SR.dcm"))
    assert "没有可直接显示" in reader.get(f"/dicom/studies/{study.pk}/").content.decode()
    assert reader.get(f"/dicom/studies/{study.pk}/thumbnail/").status_code == 302


def test_unregistered_senders_wait_in_the_list(reader):
    """The list names the reason."""
    store(encoded(PatientName="WU^MING"), known=False)
    Study.objects.update(matching="unmatched")
    page = reader.get("/dicom/unmatched/").content.decode()
    assert "WU MING" in page and "来自未登记的设备" in page


def test_uploads_name_what_they_do_not_take(data):
    """Files, a zip with other files in it, a truncated object and a text: each line says what and what to do."""
    client = make_person("technician").client()
    good, inner = encoded(), encoded()
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("IMG/1", inner)
        archive.writestr("autorun.inf", "nothing")
        archive.writestr("DICOMDIR", "nothing")
    given = [
        SimpleUploadedFile("a.dcm", good),
        SimpleUploadedFile("short.dcm", good[:-3000]),
        SimpleUploadedFile("readme.txt", b"hello" * 100),
        SimpleUploadedFile("disc.zip", packed.getvalue()),
    ]
    page = client.post("/dicom/upload/", {"files": given}).content.decode()
    assert page.count("已存入") == 2
    assert "short.dcm：文件不完整" in page
    assert "readme.txt：这不是DICOM影像" in page and "autorun.inf：这不是DICOM影像" in page
    assert Instance.objects.count() == 2
    raw = client.post(
        "/dicom/upload/file/",
        data=good,
        content_type="application/octet-stream",
        headers={"X-File-Name": "%E5%BD%B1.dcm"},
    )
    assert "影.dcm：已有相同影像" in raw.content.decode()
    large = client.post(
        "/dicom/upload/file/", data=b"", content_type="application/octet-stream", CONTENT_LENGTH=3 * 1024**3
    )
    assert large.status_code == 413 and "2 GB" in large.content.decode()


def test_nodes_are_registered_and_tested(data):
    """A title too long or taken is refused at its field; the test button says what is wrong."""
    client = make_person("admin").client()
    form = {"title": "DR01", "name": "青石乡DR", "may_store": "on", "is_active": "on", "host": "127.0.0.1", "port": "1"}
    assert client.post("/dicom/nodes/new/", form).status_code == 302
    taken = client.post("/dicom/nodes/new/", form)
    assert taken.status_code == 422 and "已登记给另一台设备" in taken.content.decode()
    assert client.post("/dicom/nodes/new/", form | {"title": "x" * 17}).status_code == 422
    node = Node.objects.get()
    assert "连不上 127.0.0.1:1" in client.post(f"/dicom/nodes/{node.pk}/echo/").content.decode()
    page = client.get("/dicom/nodes/").content.decode()
    assert "青石乡DR" in page and "磁盘剩余" in page
    assert make_person("gp").client().get("/dicom/nodes/").status_code == 403
