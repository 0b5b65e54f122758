"""Who may do what: permissions, relationships, decisions, the read log, and the guard of every view."""

from yigong.access.actors import actor_of
from yigong.access.commands import (
    close_relationships,
    create_account,
    drop_relationships,
    end_relationships,
    move_relationships,
    open_emergency_access,
    open_past_relationships,
    open_relationship,
    record_consent,
    review_emergency_access,
    share_relationships,
    withdraw_consent,
)
from yigong.access.data import Decision, Subject
from yigong.access.decisions import (
    basis_label,
    decide,
    decide_many,
    register_policy,
    require,
    visible,
    visible_of,
    visible_residents,
)
from yigong.access.errors import Refused
from yigong.access.queries import reads_of, register_names
from yigong.core.rights import (
    ROLES,
    Permission,
    ViewPolicy,
    declare,
    guarded,
    permissions,
    permissions_of,
    role_label,
)

__all__ = [
    "ROLES",
    "Decision",
    "Permission",
    "Refused",
    "Subject",
    "ViewPolicy",
    "actor_of",
    "basis_label",
    "close_relationships",
    "create_account",
    "decide",
    "decide_many",
    "declare",
    "drop_relationships",
    "end_relationships",
    "guarded",
    "move_relationships",
    "open_emergency_access",
    "open_past_relationships",
    "open_relationship",
    "permissions",
    "permissions_of",
    "reads_of",
    "record_consent",
    "register_names",
    "register_policy",
    "require",
    "review_emergency_access",
    "role_label",
    "share_relationships",
    "visible",
    "visible_of",
    "visible_residents",
    "withdraw_consent",
]
