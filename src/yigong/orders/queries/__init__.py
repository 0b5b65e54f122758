"""Reads of orders, by subject."""

from yigong.orders.queries.lists import (
    order_list,
    performing_list,
    performing_totals,
    waiting_reports,
    worklist,
    worklist_totals,
)
from yigong.orders.queries.modality import modality_worklist
from yigong.orders.queries.one import (
    critical_data,
    document_content,
    earlier_orders,
    open_criticals,
    order,
    order_by_accession,
    order_facts,
    report_data,
    report_of,
    report_url,
    signed_content,
    to_data,
    version_data,
)
from yigong.orders.queries.recognition import earlier_results
from yigong.orders.queries.statistics import statistics

__all__ = [
    "critical_data",
    "document_content",
    "earlier_orders",
    "earlier_results",
    "modality_worklist",
    "open_criticals",
    "order",
    "order_by_accession",
    "order_facts",
    "order_list",
    "performing_list",
    "performing_totals",
    "report_data",
    "report_of",
    "report_url",
    "signed_content",
    "statistics",
    "to_data",
    "version_data",
    "waiting_reports",
    "worklist",
    "worklist_totals",
]
