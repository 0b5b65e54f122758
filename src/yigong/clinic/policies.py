"""Who may do what at the desks; being of the same institution is asked beside, by the commands and the policies of subjects."""

from yigong.core.rights import declare

_DOCTORS = {"gp", "specialist", "village_doctor"}
_DESKS = _DOCTORS | {"registrar", "nurse"}

READ = declare(
    "clinic.read", "查看就诊与费用", roles=_DESKS | {"insurance_clerk", "quality_manager", "township_manager"}
)
REGISTER = declare("clinic.register", "挂号与退号", roles={"registrar", "nurse", "gp", "village_doctor"})
SESSIONS = declare("clinic.sessions", "安排出诊", roles={"registrar", "township_manager"})
CONSULT = declare("clinic.consult", "门诊接诊", roles=_DOCTORS)
CHARGE = declare("clinic.charge", "记账", roles=_DOCTORS | {"nurse"})
COUNTER = declare("clinic.counter", "收费窗口受理账单", roles={"registrar", "insurance_clerk", "gp", "village_doctor"})
ADMIT = declare("clinic.admit", "办理入院与转科", roles={"registrar", "nurse", "specialist", "gp"})
DISCHARGE = declare("clinic.discharge", "开具与办理出院", roles={"specialist", "gp", "nurse"})
FRONT_PAGE = declare("clinic.front_page", "填写病案首页", roles={"specialist", "gp"})
CODE = declare("clinic.code", "病案编码与锁定", roles={"quality_manager"})
