"""The ECG centre's door for other rooms: the image archive hands waveforms over, the emergency room keeps what is recorded on the way."""

from yigong.centres.ecg.commands.receiving import give_back_to_archive, keep_for_case, take_from_archive
from yigong.centres.ecg.queries import drawn as drawn_recording
from yigong.centres.ecg.queries import of_case as recordings_of_case
from yigong.centres.ecg.queries import of_order as recordings_of_order
from yigong.centres.ecg.signals.dicom import ECG_OBJECTS

__all__ = [
    "ECG_OBJECTS",
    "drawn_recording",
    "give_back_to_archive",
    "keep_for_case",
    "recordings_of_case",
    "recordings_of_order",
    "take_from_archive",
]
