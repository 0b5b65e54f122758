"""Who works at the desk of messages."""

from yigong.access.api import declare

DESK = declare("hl7v2.desk", "处理仪器报文", roles={"lab_technician", "lab_doctor", "admin"})
