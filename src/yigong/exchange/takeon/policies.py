"""Who takes on data. Each layout asks beside it for the right of the room that owns the rows."""

from yigong.core.rights import declare

USE = declare("takeon.use", "数据接入", roles={"admin", "identity_manager", "insurance_clerk"})
CARE = declare("takeon.care", "导入既往诊疗与费用", roles={"admin", "identity_manager"})
