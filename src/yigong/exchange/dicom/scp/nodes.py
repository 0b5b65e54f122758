"""Who calls: the registered nodes, read from the database at most every few seconds."""

import threading
import time

from django.conf import settings

from yigong.core import clock
from yigong.exchange.dicom.archive.ingest import Sender
from yigong.exchange.dicom.models import Node

_KEEP_SECONDS = 3.0


class Directory:
    """The active nodes by AE title."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._read_at = -_KEEP_SECONDS
        self._lock = threading.Lock()

    def nodes(self) -> dict[str, Node]:
        """All active nodes; a change on the page is seen within seconds."""
        with self._lock:
            if time.monotonic() - self._read_at > _KEEP_SECONDS:
                self._nodes = {node.title: node for node in Node.objects.filter(is_active=True)}
                self._read_at = time.monotonic()
            return self._nodes

    def forget(self) -> None:
        """Read again at the next question."""
        self._read_at = -_KEEP_SECONDS

    def find(self, title: str, address: str = "") -> Node | None:
        """The node with this title, unless it is bound to another address."""
        node = self.nodes().get(title.strip())
        if node and node.check_address and address and node.host and node.host != address:
            return None
        return node

    def sender(self, title: str, address: str = "") -> Sender | None:
        """The caller as a sender, or None when it may not send."""
        node = self.find(title, address)
        if node is None:
            return Sender(title.strip(), known=False) if quarantines() else None
        return Sender(node.title, node.institution_id) if node.may_store else None

    def seen(self, title: str) -> None:
        """Note that a node has called."""
        Node.objects.filter(title=title.strip()).update(last_seen_at=clock.now())


def quarantines() -> bool:
    """Whether unregistered callers may send (their studies wait for a person) or are refused at the door."""
    return settings.DICOM_UNKNOWN_CALLERS == "quarantine"
