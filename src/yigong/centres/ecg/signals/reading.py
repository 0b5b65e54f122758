"""Which format a file is in, and what it says."""

from django.utils.translation import gettext as _

from yigong.centres.ecg.signals.aecg import read_aecg
from yigong.centres.ecg.signals.dicom import read_dicom
from yigong.centres.ecg.signals.scp import looks_like_scp, read_scp
from yigong.centres.ecg.signals.tracing import NotReadable, Tracing, checked

LARGEST_FILE = 20 * 1024 * 1024


def read(content: bytes) -> Tracing:
    """The electrocardiogram in a file, by its content and not by its name. Raises NotReadable."""
    if not content:
        raise NotReadable(_("文件是空的，请重新选择。"))
    if len(content) > LARGEST_FILE:
        raise NotReadable(_("文件超过 20 MB。静息心电图不到 1 MB，请确认选的是单份心电图。"))
    if content[128:132] == b"DICM":
        return checked(read_dicom(content))
    if looks_like_scp(content):
        return checked(read_scp(content))
    if content.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:1] == b"<":
        return checked(read_aecg(content))
    if content[:4] == b"%PDF" or content[:3] == b"\xff\xd8\xff" or content[:4] == b"\x89PNG":
        raise NotReadable(_("这是图片或 PDF，没有波形数据。请在心电图机上导出 DICOM、HL7 aECG（XML）或 SCP-ECG 文件。"))
    raise NotReadable(_("不能识别的文件格式。请在心电图机上导出 DICOM、HL7 aECG（XML）或 SCP-ECG 文件。"))
