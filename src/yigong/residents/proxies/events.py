"""Facts about proxies that other rooms may react to."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("proxies.granted")
@dataclass(frozen=True)
class ProxyGranted:
    """``agent_id`` may act for ``principal_id``."""

    proxy_id: UUID
    principal_id: UUID
    agent_id: UUID
    basis: str


@event("proxies.ended")
@dataclass(frozen=True)
class ProxyEnded:
    """It holds no longer: ``how`` is withdrawn, expired or ended (died, moved)."""

    proxy_id: UUID
    principal_id: UUID
    agent_id: UUID
    how: str
