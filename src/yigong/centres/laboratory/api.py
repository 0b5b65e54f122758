"""The laboratory's door for other rooms: instruments' messages come in through it."""

from yigong.centres.laboratory.commands.collecting import collect_tube, open_box, pack_tube, send_box
from yigong.centres.laboratory.commands.errors import NoSuchTube
from yigong.centres.laboratory.commands.quality import add_instrument, add_lot, add_point, release_hold
from yigong.centres.laboratory.commands.receiving import receive_box, receive_tube, reject_tube, send_out, store_tube
from yigong.centres.laboratory.commands.results import enter_results, take_results
from yigong.centres.laboratory.commands.reviewing import technical_review
from yigong.centres.laboratory.data import InstrumentData, Reading, Taken, TubeData
from yigong.centres.laboratory.models import Instrument
from yigong.centres.laboratory.queries.tubes import of_order as tubes_of_order

__all__ = [
    "InstrumentData",
    "NoSuchTube",
    "Reading",
    "Taken",
    "TubeData",
    "add_instrument",
    "add_lot",
    "add_point",
    "collect_tube",
    "enter_results",
    "instrument_called",
    "open_box",
    "pack_tube",
    "receive_box",
    "receive_tube",
    "reject_tube",
    "release_hold",
    "send_box",
    "send_out",
    "store_tube",
    "take_results",
    "technical_review",
    "tubes_of_order",
]


def instrument_called(code: str) -> InstrumentData | None:
    """The analyser that calls itself so in messages; None when it is not registered or out of use."""
    row = Instrument.objects.filter(code=code, is_active=True).first()
    return InstrumentData(row.pk, row.code, row.name, row.institution_id) if row else None
