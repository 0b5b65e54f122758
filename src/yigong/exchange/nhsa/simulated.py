"""The way to the simulator in a demo: who is unknown there is introduced first, because its books begin empty.

Only for an address that is marked as the simulator's (``YIGONG_NHSA_SIMULATED=1``); a real platform knows its people itself.
"""

# texts: data (words of the simulator)

import json
import urllib.request
from uuid import UUID

from yigong.exchange.nhsa import seeding
from yigong.exchange.nhsa.gateway import NhsaGateway
from yigong.insurance.settlement.api import PlatformPerson, PlatformRefused


class SimulatedGateway(NhsaGateway):
    """The gateway of a demo."""

    def identify(self, resident_id: UUID, certificate: str) -> PlatformPerson:
        """1101; somebody new is entered into the simulator's books with the coverage and the sums of here."""
        try:
            return super().identify(resident_id, certificate)
        except PlatformRefused as refusal:
            if "未查询到" not in str(refusal):
                raise
        self._introduce(resident_id)
        return super().identify(resident_id, certificate)

    def _introduce(self, resident_id: UUID) -> None:
        known = seeding.everything([resident_id], [self.client.place.institution_id])
        body = json.dumps(known).encode()
        request = urllib.request.Request(
            self.client.address.rstrip("/") + "/simulator/enter", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=self.client.rules.timeout) as answer:
            answer.read()
