"""The fast lane for C-STORE: from the socket to the committed row and back in one thread.

pynetdicom negotiates the association and serves everything else. Its general path hands each PDU through queues between two polling threads,
which costs more than storing the image; so data PDUs of a storage request are taken here directly (PS3.8, 9.3.5; PS3.7, 9.3.1), and those of
any other message are handed on untouched.
"""

import mmap
import select
import socket
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from pynetdicom.dul import DULServiceProvider
from pynetdicom.pdu_primitives import P_DATA

from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.archive.ingest import Intake, Parcel
from yigong.exchange.dicom.errors import NotStored, OutOfSpace

if TYPE_CHECKING:
    from yigong.exchange.dicom.scp.server import ArchiveServer

_P_DATA = 0x04
_STORE_REQUEST = 0x0001
_LONGEST_PDU = 64 * 1024 * 1024
_IN_MEMORY = 64 * 1024 * 1024
_PATIENCE = 0.02
_PEER_SILENT = 60


@dataclass(slots=True)
class _Message:
    """One DIMSE message being received: the command first, then a storage request's data set."""

    context: int = 0
    command: bytearray = field(default_factory=bytearray)
    request: dict[int, Any] | None = None
    pieces: list[memoryview] = field(default_factory=list)
    size: int = 0
    overflow: BinaryIO | None = None
    refusal: NotStored | None = None


class FastLane(DULServiceProvider):
    """A DUL provider whose storage requests do not leave its thread. Put in place by changing the class of a fresh provider."""

    intake: Intake | None
    message: _Message
    handing_on: bool

    def prepare(self) -> None:
        """Set up a provider that was created by the library."""
        self.message, self.intake, self.handing_on = _Message(), None, False
        link = self.socket.socket if self.socket else None
        assert link is not None, "the server has just accepted it"
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _PEER_SILENT, 0))

    def _read_pdu_data(self) -> None:
        """Take PDUs as long as they come quickly; the library's loop would sleep between them."""
        link = self.socket.socket if self.socket else None
        while link is not None and self._take(link):
            busy = self._kill_thread or not self.to_provider_queue.empty() or not self.event_queue.empty()
            if busy or not select.select([link], [], [], _PATIENCE)[0]:
                return
            self._idle_timer.restart()

    def _take(self, link: socket.socket) -> bool:
        """Read and serve one PDU; False when it was left to the library or the connection ended."""
        try:
            head = link.recv(6, socket.MSG_WAITALL)
            if len(head) < 6:
                self.event_queue.put("Evt17")
                return False
            kind, length = head[0], struct.unpack_from(">I", head, 2)[0]
            if not 1 <= kind <= 7 or length > _LONGEST_PDU:
                self.event_queue.put("Evt19")
                return False
            body = link.recv(length, socket.MSG_WAITALL)
            # An untuned sender (Nagle) holds back its last segment until ours is acknowledged, else 40 ms per message.
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        except OSError:
            self.event_queue.put("Evt17")
            return False
        if len(body) < length:
            self.event_queue.put("Evt17")
            return False
        if kind != _P_DATA or self.state_machine.current_state != "Sta6":
            self._leave(head + body)
            return False
        return self._serve(body, link)

    def _leave(self, pdu: bytes) -> None:
        try:
            decoded, event = self._decode_pdu(bytearray(pdu))
        except (ValueError, KeyError, IndexError, AttributeError, TypeError, NotImplementedError, struct.error):
            self.event_queue.put("Evt19")
            return
        self.event_queue.put(event)
        self._recv_pdu.put(decoded)

    def _serve(self, body: bytes, link: socket.socket) -> bool:
        at, view = 0, memoryview(body)
        while at + 6 <= len(body):
            length, context, control = struct.unpack_from(">IBB", body, at)
            piece = view[at + 6 : at + 4 + length]
            if length < 2 or len(piece) != length - 2 or context not in self.assoc._accepted_cx:
                self.event_queue.put("Evt19")
                return False
            at += 4 + length
            self._fragment(context, control, piece, link)
        return True

    def _fragment(self, context: int, control: int, piece: memoryview, link: socket.socket) -> None:
        message = self.message
        if self.handing_on:
            self._hand_on(context, control, piece)
        elif control & 1:
            message.context = context
            message.command += piece
            if control & 2:
                self._command_complete(message)
        elif message.request is not None:
            _collect(message, piece)
            if control & 2:
                self.message = _Message()
                link.sendall(self._answer(message))

    def _command_complete(self, message: _Message) -> None:
        command = _decode_command(bytes(message.command))
        if command.get(0x0100) == _STORE_REQUEST and command.get(0x0800) != 0x0101:
            message.request = command
            return
        self.handing_on = True
        self._hand_on(message.context, 3, memoryview(message.command))

    def _hand_on(self, context: int, control: int, piece: memoryview) -> None:
        """Give a fragment of another kind of message to the library; its queue is empty again when the message is complete."""
        primitive = P_DATA()
        primitive.presentation_data_value_list = [[context, bytes([control]) + bytes(piece)]]  # type: ignore[list-item]  # it takes lists only
        self.assoc.dimse.receive_primitive(primitive)
        if self.assoc.dimse.message is None:
            self.handing_on, self.message = False, _Message()

    def _answer(self, message: _Message) -> bytes:
        request = message.request or {}
        status, comment = self._store(message, request)
        return _encode_answer(message.context, request, status, comment)

    def _store(self, message: _Message, request: dict[int, Any]) -> tuple[int, str]:
        server = cast("ArchiveServer", self.assoc._server)
        try:
            if message.refusal:
                raise message.refusal
            if self.intake is None:
                self.intake = server.open_intake(self.assoc)
            syntax = str(self.assoc._accepted_cx[message.context].transfer_syntax[0])
            with _Data(message) as data:
                parcel = Parcel(data, 0, syntax, request.get(0x0002, ""), request.get(0x1000, ""))
                stored = self.intake.store(parcel)
            server.stored(stored)
        except NotStored as refusal:
            server.refused(self.assoc, request.get(0x1000, ""), refusal)
            return refusal.dicom_status, refusal.code
        return (0xB000, "dicom.conflict") if stored.outcome == "conflict" else (0x0000, "")


class _Data:
    """The received data set as one buffer: in memory, or mapped from the overflow file, which is removed afterwards."""

    def __init__(self, message: _Message) -> None:
        self.message = message
        self.map: mmap.mmap | None = None

    def __enter__(self) -> Any:
        file = self.message.overflow
        if file is None:
            return b"".join(self.message.pieces)
        file.flush()
        self.map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return self.map

    def __exit__(self, *_: object) -> None:
        if self.map:
            self.map.close()
        _drop(self.message)


def _collect(message: _Message, piece: memoryview) -> None:
    if message.refusal:
        return
    message.size += len(piece)
    message.pieces.append(piece)
    if message.size <= _IN_MEMORY:
        return
    try:
        if message.overflow is None:
            message.overflow = open(files.temporary(), "xb+")  # noqa: SIM115 - lives as long as the message
        message.overflow.writelines(message.pieces)
    except OSError:
        message.refusal = OutOfSpace()
        _drop(message)
    message.pieces = []


def _drop(message: _Message) -> None:
    if message.overflow:
        Path(message.overflow.name).unlink(missing_ok=True)
        message.overflow.close()


def _decode_command(raw: bytes) -> dict[int, Any]:
    """The command elements that storage needs, by element number (group 0000, implicit VR little endian)."""
    found: dict[int, Any] = {}
    at = 0
    while at + 8 <= len(raw):
        _, element, length = struct.unpack_from("<HHI", raw, at)
        value = raw[at + 8 : at + 8 + length]
        at += 8 + length
        if element in (0x0002, 0x1000):
            found[element] = value.rstrip(b"\0 ").decode("ascii", "replace")
        elif length == 2:
            found[element] = struct.unpack("<H", value)[0]
    return found


def _encode_answer(context: int, request: dict[int, Any], status: int, comment: str) -> bytes:
    """The C-STORE response as one P-DATA PDU."""
    body = (
        _element(0x0002, _even(request.get(0x0002, ""), b"\0"))
        + _element(0x0100, struct.pack("<H", 0x8001))
        + _element(0x0120, struct.pack("<H", request.get(0x0110, 0)))
        + _element(0x0800, struct.pack("<H", 0x0101))
        + _element(0x0900, struct.pack("<H", status))
        + (_element(0x0902, _even(comment[:64], b" ")) if comment else b"")
        + _element(0x1000, _even(request.get(0x1000, ""), b"\0"))
    )
    command = _element(0x0000, struct.pack("<I", len(body))) + body
    return struct.pack(">BBIIBB", _P_DATA, 0, len(command) + 6, len(command) + 2, context, 3) + command


def _element(element: int, value: bytes) -> bytes:
    return struct.pack("<HHI", 0, element, len(value)) + value


def _even(text: str, pad: bytes) -> bytes:
    raw = text.encode("ascii", "replace")
    return raw + pad * (len(raw) % 2)
