"""Rights around risk findings. Whose institution it is, is asked beside."""

from yigong.core.rights import declare

READ = declare(
    "review.read", "查看基金疑点", roles={"insurance_clerk", "quality_manager", "township_manager", "director"}
)
APPEAL = declare("review.appeal", "疑点申诉", roles={"quality_manager", "township_manager"})
DECIDE = declare("review.decide", "通知与认定疑点", roles={"insurance_clerk"})
