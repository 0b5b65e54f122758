"""A computed chest film: shapes and noise, nobody's body, as a DICOM file of a digital radiograph."""

from datetime import date, datetime
from io import BytesIO
from random import Random

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

_SIZE = 640
# A branch of the UUID-derived root that anybody may use.
_ROOT = "2.25"


def chest_film(
    *, name: str, number: str, sex: str, born: date, accession: str, at: datetime, source: Random, shadow: bool = False
) -> bytes:
    """The bytes of a DICOM file; ``shadow`` adds a round opacity in the right upper field."""
    file = FileDataset(BytesIO(), _particulars(name, number, sex, born, accession, at, source), file_meta=_meta())
    file.file_meta.MediaStorageSOPInstanceUID = file.SOPInstanceUID
    pixels = _pixels(source, shadow)
    file.Rows = file.Columns = _SIZE
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 12, 11, 0
    file.WindowCenter, file.WindowWidth = 2048, 4096
    file.PixelData = pixels.tobytes()
    out = BytesIO()
    file.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _meta() -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return meta


def _particulars(name: str, number: str, sex: str, born: date, accession: str, at: datetime, source: Random) -> Dataset:
    image = Dataset()
    image.SpecificCharacterSet = "ISO_IR 192"
    image.PatientName, image.PatientID = name, number
    image.PatientSex, image.PatientBirthDate = {"1": "M", "2": "F"}.get(sex, "O"), born.strftime("%Y%m%d")
    image.AccessionNumber, image.Modality = accession, "DX"
    image.StudyDate = image.SeriesDate = image.ContentDate = at.strftime("%Y%m%d")
    image.StudyTime = image.SeriesTime = image.ContentTime = at.strftime("%H%M%S")
    image.StudyDescription, image.SeriesDescription, image.BodyPartExamined = "胸部正位", "PA", "CHEST"
    image.SOPClassUID = DigitalXRayImageStorageForPresentation
    image.StudyInstanceUID, image.SeriesInstanceUID, image.SOPInstanceUID = (
        f"{_ROOT}.{source.getrandbits(100)}" for _ in range(3)
    )
    image.SeriesNumber = image.InstanceNumber = 1
    image.Manufacturer, image.InstitutionName = "Yigong demo", "演示数据"
    return image


def _pixels(source: Random, shadow: bool) -> NDArray[np.uint16]:
    y, x = np.mgrid[0:_SIZE, 0:_SIZE] / _SIZE - 0.5
    picture = np.full((_SIZE, _SIZE), 2600.0) - 900 * (np.abs(x) > 0.42)
    for side in (-0.19, 0.19):
        picture -= 1700 * _blob(x - side, y + 0.02, 0.15, 0.3)
    picture += 700 * _blob(x - 0.05, y - 0.12, 0.11, 0.13) + 900 * np.exp(-((x / 0.03) ** 2))
    for rib in range(9):
        picture += 230 * np.exp(-(((y + 0.34 - rib * 0.075 - 0.35 * x * x) / 0.012) ** 2)) * (np.abs(x) < 0.36)
    if shadow:
        picture += 900 * _blob(x + 0.2, y + 0.16, 0.035, 0.035)
    noise = np.random.default_rng(source.getrandbits(32)).normal(0, 45, picture.shape)
    return np.clip(picture + noise, 0, 4095).astype(np.uint16)


def _blob(x: NDArray[np.float64], y: NDArray[np.float64], width: float, height: float) -> NDArray[np.float64]:
    inside: NDArray[np.float64] = 1 / (1 + np.exp(np.clip(14 * ((x / width) ** 2 + (y / height) ** 2 - 1), -60, 60)))
    return inside
