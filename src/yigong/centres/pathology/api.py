"""Pathology's door for other rooms."""

from yigong.centres.pathology.commands.bench import file_specimen, pass_station
from yigong.centres.pathology.commands.grossing import gross_container
from yigong.centres.pathology.commands.lending import lend, take_back
from yigong.centres.pathology.commands.reading import add_picture, compare_frozen, note_result, order_stains
from yigong.centres.pathology.commands.receiving import receive_container, reject_container
from yigong.centres.pathology.commands.sending import add_container, pack_containers, register_container
from yigong.centres.pathology.data import CaseData, SpecimenData
from yigong.centres.pathology.queries.specimens import case_of

__all__ = [
    "CaseData",
    "SpecimenData",
    "add_container",
    "add_picture",
    "case_of",
    "compare_frozen",
    "file_specimen",
    "gross_container",
    "lend",
    "note_result",
    "order_stains",
    "pack_containers",
    "pass_station",
    "receive_container",
    "register_container",
    "reject_container",
    "take_back",
]
