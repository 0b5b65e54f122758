"""Rules of orders: the registry of services, the state tables and their clocks, identity, signature."""

from yigong.orders.rules.services import declare_service, service, services
from yigong.orders.rules.states import CRITICAL, ORDER, REPORT

__all__ = ["CRITICAL", "ORDER", "REPORT", "declare_service", "service", "services"]
