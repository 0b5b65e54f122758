"""Rights of the plan pages. A plan speaks of no person: whoever works with insurance or answers for it may read it."""

from yigong.access.api import declare

READ = declare(
    "benefits.read", "查看待遇方案", roles={"insurance_clerk", "referral_office", "director", "bureau", "admin"}
)
