"""Rights of the settlement lists and of the coding desk. Whose list it is, is asked beside: the institution's own, or one below it."""

from yigong.core.rights import declare

READ = declare(
    "claims.read", "查看结算清单", roles={"insurance_clerk", "quality_manager", "director", "township_manager"}
)
CODE = declare("claims.code", "校验与修正结算清单", roles={"quality_manager"})
UPLOAD = declare("claims.upload", "上传结算清单与登记反馈", roles={"insurance_clerk"})
APPEAL = declare("claims.appeal", "结算清单申诉", roles={"quality_manager", "insurance_clerk"})
DESK = declare("claims.desk", "编码台：分组与预计支付", roles={"quality_manager"})
ANSWER = declare("claims.answer", "答复病案书写问题", roles={"specialist", "gp"})
COMPARE = declare("claims.compare", "比较分组方案", roles={"insurance_clerk", "quality_manager"})
SCHEMES = declare("claims.schemes", "导入与启用分组方案", roles={"insurance_clerk"})
