"""The national interface: which institution reaches the platform, and how."""

from uuid import UUID

from django.conf import settings

from yigong.exchange.nhsa.client import Client
from yigong.exchange.nhsa.gateway import NhsaGateway
from yigong.exchange.nhsa.models import ContractedInstitution
from yigong.exchange.nhsa.parameters import interface_rules
from yigong.insurance.settlement.api import Gateway
from yigong.network import api as network

__all__ = ["contracted", "gateway_for"]


def gateway_for(institution_id: UUID) -> Gateway | None:
    """The way to the platform for an institution; None where no address is configured."""
    address = settings.NHSA_ADDRESS
    if not address:
        return None
    client = Client(address, settings.NHSA_KEY.encode(), interface_rules(), contracted(institution_id))
    if settings.NHSA_SIMULATED:
        from yigong.exchange.nhsa.simulated import SimulatedGateway

        return SimulatedGateway(client)
    return NhsaGateway(client)


def contracted(institution_id: UUID) -> ContractedInstitution:
    """The institution's code and name at the platform; without an entry one is made from our own code, to be replaced by the real one."""
    row = ContractedInstitution.objects.filter(pk=institution_id).first()
    if row is not None:
        return row
    place = network.institution(institution_id)
    name = place.name if place else ""
    code = f"H{interface_rules().region}{institution_id.int % 100_000:05d}"
    row, _new = ContractedInstitution.objects.get_or_create(
        institution_id=institution_id, defaults={"code": code, "name": name[:200]}
    )
    return row
