"""Changes of the network: one function per change."""

from yigong.network.commands.accrediting import record_accreditation, withdraw_accreditation
from yigong.network.commands.community import (
    create_alliance,
    create_centre,
    end_service,
    join_alliance,
    leave_alliance,
    serve,
)
from yigong.network.commands.institutions import (
    change_department,
    change_institution,
    close_institution,
    count_in_county,
    create_department,
    create_institution,
    create_place,
    end_place,
)
from yigong.network.commands.locating import locate
from yigong.network.commands.people import (
    add_qualification,
    assign_post,
    change_staff,
    create_staff,
    end_post,
    end_secondment,
    second_staff,
)
from yigong.network.commands.retracting import retract
from yigong.network.commands.rosters import (
    cancel_duty,
    copy_week,
    end_duty_need,
    look_for_gaps,
    plan_duty,
    set_duty_need,
)
from yigong.network.commands.swaps import answer_swap, offer_swap

__all__ = [
    "add_qualification",
    "answer_swap",
    "assign_post",
    "cancel_duty",
    "change_department",
    "change_institution",
    "change_staff",
    "close_institution",
    "copy_week",
    "count_in_county",
    "create_alliance",
    "create_centre",
    "create_department",
    "create_institution",
    "create_place",
    "create_staff",
    "end_duty_need",
    "end_place",
    "end_post",
    "end_secondment",
    "end_service",
    "join_alliance",
    "leave_alliance",
    "locate",
    "look_for_gaps",
    "offer_swap",
    "plan_duty",
    "record_accreditation",
    "retract",
    "second_staff",
    "serve",
    "set_duty_need",
    "withdraw_accreditation",
]
