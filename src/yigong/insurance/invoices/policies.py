"""Rights around fiscal invoices."""

from yigong.core.rights import declare

_COUNTER = {"registrar", "insurance_clerk", "gp", "village_doctor"}

ISSUE = declare("invoices.issue", "开具与作废票据", roles=_COUNTER)
READ = declare("invoices.read", "查看票据登记簿", roles=_COUNTER | {"director"})
KEEP = declare("invoices.keep", "登记与停用票据号段", roles={"insurance_clerk"})
