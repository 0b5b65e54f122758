"""Who takes on data. Each layout asks beside this for the right of the room that owns the rows."""

from yigong.core.rights import declare

USE = declare("takeon.use", "数据接入", roles={"admin", "identity_manager"})
