"""STOW-RS (PS3.18, 10.5): objects by HTTP, streamed to disk, stored like any other, each with its own status."""

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse

from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.rights import guarded, note_decision
from yigong.exchange.dicom import policies
from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.archive.ingest import Intake, Sender, Stored, parcel_of_file
from yigong.exchange.dicom.archive.settling import settle
from yigong.exchange.dicom.errors import NotDicom, NotStored, TooLarge
from yigong.exchange.dicom.web.answers import api, dicom_json
from yigong.exchange.dicom.web.multipart import LIMIT, boundary_of, receive_parts
from yigong.exchange.dicom.web.qido import base_url


@api
@guarded(policies.SEND)
def store(request: HttpRequest, study: str = "") -> HttpResponse:
    """Store the parts of the request; 200 when all were taken, 202 when some were, 409 when none was."""
    boundary = boundary_of(request.headers.get("Content-Type", ""))
    if int(request.headers.get("Content-Length") or 0) > LIMIT:
        raise TooLarge(limit="2 GB")
    files.prepare()
    intake = intake_of(request.actor)
    taken, failed = [], []
    for place in receive_parts(request, boundary):
        try:
            taken.append(store_file(place, intake, study=study))
        except NotStored as refusal:
            failed.append(_failure(refusal))
        finally:
            place.unlink(missing_ok=True)
    for study_id in intake.studies:
        settle(study_id)
    if not taken and not failed:
        raise InvalidInput("请求里没有DICOM对象。")
    note_decision()  # The answer names only what the sender has just brought.
    status = 200 if not failed else 202 if taken else 409
    return dicom_json(_answer(taken, failed, base_url(request)), status=status)


def intake_of(actor: Actor) -> Intake:
    """The intake for a person who uploads."""
    return Intake(Sender("UPLOAD", actor.institution_id))


def store_file(place: Path, intake: Intake, *, study: str = "") -> Stored:
    """Store one Part 10 file; raises NotStored. The file is read through a map, so its size does not matter to memory."""
    with mapped(place) as data:
        return intake.store(parcel_of_file(data), study=study)


@contextmanager
def mapped(place: Path) -> Iterator[Any]:
    """A file's bytes without reading them all."""
    with open(place, "rb") as file:
        if place.stat().st_size < 132:
            raise NotDicom(what="DICM")
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            yield data
        finally:
            data.close()


def _failure(refusal: NotStored) -> dict[str, Any]:
    return {
        "00081197": {"vr": "US", "Value": [refusal.dicom_status]},
        "00000902": {"vr": "LO", "Value": [str(refusal)]},
    }


def _answer(taken: list[Stored], failed: list[dict[str, Any]], base: str) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    if taken:
        answer["00081190"] = {"vr": "UR", "Value": [f"{base}/studies/{taken[0].study_uid}"]}
        answer["00081199"] = {"vr": "SQ", "Value": [_success(one, base) for one in taken]}
    if failed:
        answer["00081198"] = {"vr": "SQ", "Value": failed}
    return answer


def _success(stored: Stored, base: str) -> dict[str, Any]:
    place = f"{base}/studies/{stored.study_uid}/series/{stored.series_uid}/instances/{stored.sop_instance}"
    item: dict[str, Any] = {
        "00081150": {"vr": "UI", "Value": [stored.sop_class]},
        "00081155": {"vr": "UI", "Value": [stored.sop_instance]},
        "00081190": {"vr": "UR", "Value": [place]},
    }
    if stored.outcome == "conflict":
        item["00081196"] = {"vr": "US", "Value": [0xB000]}
    return item
