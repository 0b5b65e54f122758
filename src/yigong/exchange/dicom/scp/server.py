"""The archive's DICOM door: one listening socket, pynetdicom for associations, our handlers behind it."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID
from weakref import WeakSet

from django.db import InterfaceError, OperationalError, connections
from pynetdicom import AE, _config, evt
from pynetdicom._globals import MODE_ACCEPTOR
from pynetdicom.association import Association
from pynetdicom.presentation import AllStoragePresentationContexts, PresentationContext
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification  # type: ignore[attr-defined]
from pynetdicom.transport import AssociationSocket, RequestHandler, ThreadedAssociationServer

from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.archive.ingest import Intake, Stored
from yigong.exchange.dicom.archive.part10 import IMPLEMENTATION_NAME, IMPLEMENTATION_UID
from yigong.exchange.dicom.archive.settling import settle, unsettled
from yigong.exchange.dicom.errors import NotAllowed, NotStored
from yigong.exchange.dicom.scp.commitment import report_waiting, take_request
from yigong.exchange.dicom.scp.find import FIND_MODELS, answer_find
from yigong.exchange.dicom.scp.lane import FastLane
from yigong.exchange.dicom.scp.nodes import Directory, quarantines
from yigong.exchange.dicom.scp.retrieve import GET_MODELS, MOVE_MODELS, answer_get, answer_move
from yigong.exchange.dicom.scp.worklist import WORKLIST_MODEL, answer_worklist

log = logging.getLogger("yigong.dicom")

# Taken as sent, in this order of preference: uncompressed, then the lossless and lossy forms that devices use.
TRANSFER_SYNTAXES = [
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.4.100",
    "1.2.840.10008.1.2.4.102",
    "1.2.840.10008.1.2.4.103",
    "1.2.840.10008.1.2.4.107",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
]
_SETTLE_AFTER_IMAGE = 10.0
_SETTLE_AFTER_RELEASE = 0.5
_REPORT_EVERY = 2.0

_config.UNRESTRICTED_STORAGE_SERVICE = True
_config.LOG_HANDLER_LEVEL = "none"
_config.LOG_REQUEST_IDENTIFIERS = False
_config.LOG_RESPONSE_IDENTIFIERS = False


class ArchiveEntity(AE):
    """Our application entity; whom it lets in is asked of the node directory at each call."""

    directory: Directory

    @property
    def require_calling_aet(self) -> list[str]:
        """Empty: everybody may open an association (unknown callers wait in quarantine)."""
        if quarantines() or not hasattr(self, "directory"):
            return []
        return [*self.directory.nodes(), ""]

    @require_calling_aet.setter
    def require_calling_aet(self, titles: list[str]) -> None:
        raise NotImplementedError("callers are nodes")


class _Door(RequestHandler):
    """Makes the association of one connection, with the fast lane in it."""

    server: "ArchiveServer"

    def _create_association(self) -> Association:
        association = Association(self.ae, MODE_ACCEPTOR)
        association._server = self.server
        association.set_socket(AssociationSocket(association, client_socket=self.request))
        association.acceptor.maximum_length = self.ae.maximum_pdu_size
        association.acceptor.ae_title = self.server.ae_title
        association.acceptor.address_info = self.local
        association.acceptor.implementation_class_uid = self.ae.implementation_class_uid
        association.acceptor.implementation_version_name = self.ae.implementation_version_name
        # Not copied per call as the library does: negotiation only reads them.
        association.acceptor._contexts = self.server.contexts
        association.requestor.address_info = self.remote
        for event, handler in self.server.handlers:
            association.bind(event, handler)
        association.dul.__class__ = FastLane
        association.dul.prepare()  # type: ignore[attr-defined]
        association.run = _closing(association.run)  # type: ignore[method-assign]
        association.dul.run = _closing(association.dul.run, lambda: self.server.ended(association))  # type: ignore[method-assign]
        self.server.begun(association)
        return association


class ArchiveServer(ThreadedAssociationServer):
    """The listening server; also the place where studies that stopped growing are settled."""

    handlers: list[tuple[Any, Callable[..., Any]]]
    directory: Directory

    def __init__(
        self, entity: ArchiveEntity, address: tuple[str, int], *, listener: socket.socket | None = None
    ) -> None:
        self.handlers, self.directory, self.listener = [], entity.directory, listener
        self._growing: dict[UUID, float] = {}
        self._stop = threading.Event()
        self._report_at = 0.0
        self._calls: WeakSet[Association] = WeakSet()
        super().__init__(entity, address, entity.ae_title, entity.supported_contexts, request_handler=_Door)

    def server_bind(self) -> None:
        """Bind, or take over the socket that a parent process has opened."""
        if self.listener is None:
            self.request_queue_size = 64
            super().server_bind()
            return
        if self.socket:
            self.socket.close()
        self.socket = self.listener
        self.server_address = self.listener.getsockname()

    def open_intake(self, association: Association) -> Intake:
        """The intake for a caller; raises NotAllowed."""
        title, address = association.requestor.ae_title, association.requestor.address
        sender = self.directory.sender(title, address)
        if sender is None:
            raise NotAllowed(title=title)
        return Intake(sender)

    def begun(self, association: Association) -> None:
        """Remember a call, so that stopping can wait for its end."""
        self._calls.add(association)

    def stored(self, stored: Stored) -> None:
        """Remember that a study is growing."""
        if stored.outcome == "new":
            self._growing[stored.study_id] = time.monotonic() + _SETTLE_AFTER_IMAGE

    def refused(self, association: Association, uid: str, refusal: NotStored) -> None:
        """Say in the log what was not taken, from whom and why."""
        log.warning("拒收 %s 来自 %s:%s", uid, association.requestor.ae_title, refusal)

    def ended(self, association: Association) -> None:
        """An association is over: its studies are settled soon, and its node was seen."""
        intake: Intake | None = getattr(association.dul, "intake", None)
        if intake is None:
            return
        soon = time.monotonic() + _SETTLE_AFTER_RELEASE
        for study_id in intake.studies:
            if study_id in self._growing:
                self._growing[study_id] = soon
        self.directory.seen(intake.sender.title)

    def settle_due(self, *, everything: bool = False) -> int:
        """Settle what has stopped growing; returns how many studies."""
        now = time.monotonic()
        due = [study_id for study_id, at in list(self._growing.items()) if everything or at <= now]
        for study_id in due:
            self._growing.pop(study_id, None)
            settle(study_id)
        return len(due)

    def watch(self) -> None:
        """Settle until the server stops; a database that goes away meanwhile is waited for."""
        while True:
            try:
                return self._settle_until_stopped()
            except (OperationalError, InterfaceError) as lost:
                log.error("数据库没有响应，稍后继续整理影像：%s", lost)
                if self._stop.wait(1):
                    return None
            finally:
                connections.close_all()

    def _settle_until_stopped(self) -> None:
        """Begins with what an earlier process, or an earlier connection, left."""
        for study_id in unsettled():
            settle(study_id)
        while not self._stop.wait(0.25):
            self.settle_due()
            if time.monotonic() > self._report_at:
                report_waiting()
                self._report_at = time.monotonic() + _REPORT_EVERY
        self.settle_due(everything=True)

    def start(self) -> None:
        """Serve and settle in threads of this process."""
        self._workers = [
            threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True),
            threading.Thread(target=self.watch, daemon=True),
        ]
        self.ae._servers.append(self)  # the library counts a server's associations through its entity
        for thread in self._workers:
            thread.start()

    def stop(self) -> None:
        """Stop listening, end the associations, settle the rest."""
        self.shutdown()  # closes the socket too
        calls = list(self._calls)
        for association in calls:
            if association.is_established:
                association.abort()
        self._stop.set()
        for thread in (*self._workers, *calls, *(call.dul for call in calls)):
            if thread.is_alive():
                thread.join(10)


def build(title: str, address: tuple[str, int], *, listener: socket.socket | None = None) -> ArchiveServer:
    """A server ready to start, with all services of the archive."""
    files.prepare()
    entity = ArchiveEntity(ae_title=title)
    entity.directory = Directory()
    entity.maximum_pdu_size = 1024 * 1024
    entity.maximum_associations = 60
    entity.acse_timeout, entity.dimse_timeout, entity.network_timeout = 30, 60, 300
    entity.implementation_class_uid = IMPLEMENTATION_UID
    entity.implementation_version_name = IMPLEMENTATION_NAME
    entity.supported_contexts = _storage_contexts()
    for model in (Verification, StorageCommitmentPushModel, WORKLIST_MODEL, *FIND_MODELS, *MOVE_MODELS, *GET_MODELS):
        entity.add_supported_context(model)
    server = ArchiveServer(entity, address, listener=listener)
    server.handlers = _handlers(entity.directory)
    return server


def _handlers(directory: Directory) -> list[tuple[Any, Callable[..., Any]]]:
    """What the library calls for each service; storage itself is served in the fast lane."""

    def find(event: evt.Event) -> Iterator[Any]:
        asks_worklist = event.context.abstract_syntax == WORKLIST_MODEL
        return answer_worklist(event, directory) if asks_worklist else answer_find(event, directory)

    return [
        (evt.EVT_C_ECHO, _echo),
        (evt.EVT_C_FIND, find),
        (evt.EVT_C_MOVE, lambda event: answer_move(event, directory)),
        (evt.EVT_C_GET, lambda event: answer_get(event, directory)),
        (evt.EVT_N_ACTION, lambda event: take_request(event, directory)),
    ]


def _storage_contexts() -> list[PresentationContext]:
    contexts = []
    for known in AllStoragePresentationContexts:
        context = PresentationContext()
        context.abstract_syntax = known.abstract_syntax
        context.transfer_syntax = [*TRANSFER_SYNTAXES]
        context.scu_role, context.scp_role = True, True
        contexts.append(context)
    return contexts


def _echo(event: evt.Event) -> int:
    return 0x0000


def _closing(run: Callable[[], None], after: Callable[[], None] | None = None) -> Callable[[], None]:
    """A thread's main function that closes the thread's database connection at its end."""

    def inner() -> None:
        try:
            run()
            if after:
                after()
        finally:
            connections.close_all()

    return inner
