"""Why an object is not taken. Each refusal has the DICOM status that its sender receives (PS3.4, table B.2-1)."""

from typing import ClassVar

from yigong.core.errors import DomainError


class NotStored(DomainError):
    """The object was not stored; nothing of it is left behind."""

    code = "dicom.not_stored"
    message = "影像没有存入。"
    dicom_status: ClassVar[int] = 0xC000


class NotDicom(NotStored):
    """The bytes are not a DICOM object, or lack the identifiers that every object carries."""

    code = "dicom.not_dicom"
    message = "这不是DICOM影像，或缺少必需的标识（%(what)s）。请在设备上重新导出DICOM格式。"
    status = 415


class Truncated(NotStored):
    """The object ends before its own lengths say it should."""

    code = "dicom.truncated"
    message = "文件不完整（%(what)s），可能传输或拷贝中断。请从设备重新发送或重新导出。"
    status = 422


class WrongIdentity(NotStored):
    """The object's identifiers differ from those of the request that carried it."""

    code = "dicom.wrong_identity"
    message = "影像内的标识与发送时声明的不一致（%(what)s），已拒收。请检查设备的DICOM发送设置。"
    dicom_status = 0xA900
    status = 409


class OutOfSpace(NotStored):
    """The archive's disk is full or not writable."""

    code = "dicom.out_of_space"
    message = "影像归档的磁盘已满，暂时不能接收。请通知信息科清理或扩容；设备会自动重发，不会丢失。"
    dicom_status = 0xA700
    status = 507


class NotAllowed(NotStored):
    """This node may not send objects here."""

    code = "dicom.not_allowed"
    message = "设备“%(title)s”没有发送影像的许可。请管理员在“影像设备”中登记并允许。"
    dicom_status = 0x0124
    status = 403


class TooLarge(NotStored):
    """An upload above the limit."""

    code = "dicom.too_large"
    message = "上传内容超过%(limit)s上限。请分批上传，或让设备用DICOM方式直接发送。"
    status = 413


class ArchiveUnreachable(NotStored):
    """The database did not answer while an object was being indexed."""

    code = "dicom.unavailable"
    message = "归档的数据库暂时没有响应，影像未确认存入，设备会自动重发。"
    dicom_status = 0xA700
    status = 503
