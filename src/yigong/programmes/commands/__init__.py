"""Changes of programmes: one function each."""

from yigong.programmes.commands.amending import amend_visit
from yigong.programmes.commands.checking import draw_hits, draw_sample, note_check, settle_check
from yigong.programmes.commands.endings import tell_ending
from yigong.programmes.commands.enrolling import amend, end, enrol, hold, lift, reopen, transfer
from yigong.programmes.commands.finding import accept, decline, find_candidates
from yigong.programmes.commands.plans import draft_plan, drop_planned, move_planned, plan_activity, restore_planned
from yigong.programmes.commands.recalls import call_back, close_recall, lift_recall, note_contact
from yigong.programmes.commands.sites import add_site, close_site, record_activity, reopen_site, void_record
from yigong.programmes.commands.telling import make_list
from yigong.programmes.commands.trying import try_version
from yigong.programmes.commands.upkeep import adopt, catch_up, recount
from yigong.programmes.commands.vaccines import judge_lot, move_lot, receive_lot, write_off
from yigong.programmes.commands.visits import book, note_attempt, record_visit, refuse_due, void_visit
from yigong.programmes.commands.warnings import resolve_alarm, watch

__all__ = [
    "accept",
    "add_site",
    "adopt",
    "amend",
    "amend_visit",
    "book",
    "call_back",
    "catch_up",
    "close_recall",
    "close_site",
    "decline",
    "draft_plan",
    "draw_hits",
    "draw_sample",
    "drop_planned",
    "end",
    "enrol",
    "find_candidates",
    "hold",
    "judge_lot",
    "lift",
    "lift_recall",
    "make_list",
    "move_lot",
    "move_planned",
    "note_attempt",
    "note_check",
    "note_contact",
    "plan_activity",
    "receive_lot",
    "record_activity",
    "record_visit",
    "recount",
    "refuse_due",
    "reopen",
    "reopen_site",
    "resolve_alarm",
    "restore_planned",
    "settle_check",
    "tell_ending",
    "transfer",
    "try_version",
    "void_record",
    "void_visit",
    "watch",
    "write_off",
]
