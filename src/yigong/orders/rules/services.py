"""The services that centres have declared."""

from yigong.core.errors import NotFound
from yigong.orders.data import ServiceDefinition

_services: dict[str, ServiceDefinition] = {}


class NoSuchService(NotFound):
    """No centre declares this service."""

    code = "order.no_such_service"
    message = "没有名为“%(service)s”的服务。"


def declare_service(definition: ServiceDefinition) -> ServiceDefinition:
    """Register a centre's service; called in the centre's ``apps.ready``. Declaring the same code again replaces it."""
    _services[definition.code] = definition
    return definition


def service(code: str) -> ServiceDefinition:
    """The definition of a service; NoSuchService for an unknown code."""
    if code not in _services:
        raise NoSuchService(service=code)
    return _services[code]


def service_of_modality(modality: str) -> str:
    """The service whose devices call themselves so; imaging for every other."""
    return next((code for code, one in _services.items() if modality in one.modalities), "imaging")


def services() -> dict[str, ServiceDefinition]:
    """All declared services by code."""
    return dict(_services)
