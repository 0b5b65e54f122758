"""The ECG centre's door for other rooms: the image archive hands waveforms over."""

from yigong.centres.ecg.commands.receiving import give_back_to_archive, take_from_archive
from yigong.centres.ecg.queries import of_order as recordings_of_order
from yigong.centres.ecg.signals.dicom import ECG_OBJECTS

__all__ = ["ECG_OBJECTS", "give_back_to_archive", "recordings_of_order", "take_from_archive"]
