"""The order mechanism's door. Commands are keyword-only with ``actor`` and answer with frozen dataclasses of ``orders.data``.

A centre declares a ``ServiceDefinition`` in its ``apps.ready`` (``declare_service``); everything else, pages included, is shared.
"""

from collections.abc import Callable
from uuid import UUID

from yigong.orders.commands.critical import (
    acknowledge_critical,
    act_on_critical,
    close_critical,
    flag_critical,
    record_notification,
)
from yigong.orders.commands.labels import specimen_number
from yigong.orders.commands.performing import (
    accept_order,
    check_in,
    coded_reason,
    finish_performing,
    mark_no_show,
    refuse_performing,
    reject_images,
    reject_order,
    schedule_order,
    start_performing,
    stop_performing,
)
from yigong.orders.commands.placing import cancel_order, performers_for, place_order
from yigong.orders.commands.quality import (
    answer_finding,
    check_finding,
    contest_finding,
    draw_round,
    drop_sample,
    feed_back,
    feed_back_all,
    read_again,
    score_again,
    score_sample,
    send_back_finding,
    uphold_finding,
)
from yigong.orders.commands.recognition import order_or_recognise, recognise_results, withdraw_recognition
from yigong.orders.commands.reporting import (
    acknowledge_report,
    amend_report,
    claim,
    claim_next,
    drop_amendment,
    release_claim,
    release_idle,
    release_preliminary,
    return_report,
    rewrite_report,
    save_draft,
    sign_report,
    submit_report,
    withdraw_report,
)
from yigong.orders.commands.studies import (
    MaterialTooEarly,
    StudyElsewhere,
    add_attachment,
    find_order_for_study,
    material_received,
    put_first,
    resolve_identity,
    study_detached,
    study_received,
)
from yigong.orders.commands.templates import import_templates, move_template, write_template
from yigong.orders.data import (
    Asked,
    Clinical,
    ItemInput,
    ReportPicture,
    RequestPart,
    Rights,
    StudyIdentity,
    TemplateText,
    ViewerLink,
    WorklistFilters,
)
from yigong.orders.queries import (
    earlier_orders,
    earlier_results,
    modality_worklist,
    open_criticals,
    order,
    order_facts,
    order_list,
    performing_list,
    report_of,
    statistics,
    worklist,
    worklist_totals,
)
from yigong.orders.queries import order_by_accession as find_by_accession
from yigong.orders.queries.lists import performing_totals
from yigong.orders.queries.one import state_label as order_state_label
from yigong.orders.queries.recognition import register_recognition
from yigong.orders.queries.templates import choices as report_templates
from yigong.orders.queries.templates import offers as request_templates
from yigong.orders.queries.templates import used_in as templates_of_order
from yigong.orders.rules import declare_service, service, services
from yigong.orders.rules.packs import definition_from_pack
from yigong.orders.rules.requests import taken as templates_taken
from yigong.orders.rules.signing import sm3

__all__ = [
    "Asked",
    "Clinical",
    "ItemInput",
    "MaterialTooEarly",
    "ReportPicture",
    "RequestPart",
    "Rights",
    "StudyElsewhere",
    "StudyIdentity",
    "TemplateText",
    "ViewerLink",
    "WorklistFilters",
    "accept_order",
    "acknowledge_critical",
    "acknowledge_report",
    "act_on_critical",
    "add_attachment",
    "amend_report",
    "answer_finding",
    "cancel_order",
    "check_finding",
    "check_in",
    "claim",
    "claim_next",
    "close_critical",
    "coded_reason",
    "contest_finding",
    "declare_service",
    "definition_from_pack",
    "draw_round",
    "drop_amendment",
    "drop_sample",
    "earlier_orders",
    "earlier_results",
    "feed_back",
    "feed_back_all",
    "find_by_accession",
    "find_order_for_study",
    "finish_performing",
    "flag_critical",
    "import_templates",
    "mark_no_show",
    "material_received",
    "modality_worklist",
    "move_template",
    "open_criticals",
    "order",
    "order_facts",
    "order_list",
    "order_or_recognise",
    "order_state_label",
    "performers_for",
    "performing_list",
    "performing_totals",
    "place_order",
    "put_first",
    "read_again",
    "recognise_results",
    "record_notification",
    "refuse_performing",
    "register_recognition",
    "register_viewer",
    "reject_images",
    "reject_order",
    "release_claim",
    "release_idle",
    "release_preliminary",
    "report_of",
    "report_templates",
    "request_templates",
    "resolve_identity",
    "return_report",
    "rewrite_report",
    "save_draft",
    "schedule_order",
    "score_again",
    "score_sample",
    "send_back_finding",
    "service",
    "services",
    "sign_report",
    "sm3",
    "specimen_number",
    "start_performing",
    "statistics",
    "stop_performing",
    "study_detached",
    "study_received",
    "submit_report",
    "templates_of_order",
    "templates_taken",
    "uphold_finding",
    "viewers_of",
    "withdraw_recognition",
    "withdraw_report",
    "worklist",
    "worklist_totals",
    "write_template",
]

_viewers: list[Callable[[UUID], list[ViewerLink]]] = []


def register_viewer(look: Callable[[UUID], list[ViewerLink]]) -> None:
    """Add a way to look at an order's material: ``look(order_id) -> list[ViewerLink]``; called in ``apps.ready`` of the archive's room."""
    if look not in _viewers:
        _viewers.append(look)


def viewers_of(order_id: UUID) -> list[ViewerLink]:
    """All ways to look at an order's material, the first one embedded in the reading page."""
    return [link for look in _viewers for link in look(order_id)]
