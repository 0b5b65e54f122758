"""Pixels for people: one frame as a picture, with the window a doctor asks for, or decoded for clients that cannot."""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image
from pydicom.pixels import apply_color_lut, apply_modality_lut, pixel_array

from yigong.core.errors import DomainError
from yigong.exchange.dicom.archive.part10 import DEFLATED

_MONOCHROME = {"MONOCHROME1", "MONOCHROME2"}


class NotRenderable(DomainError):
    """The object has no pixels, or they are in a form that cannot be decoded here."""

    code = "dicom.not_renderable"
    message = "这个对象没有可显示的图像，或图像格式暂不支持预览。请用完整阅片器打开。"
    status = 406


@dataclass(frozen=True, slots=True)
class Window:
    """Centre and width in modality units (HU for CT)."""

    center: float
    width: float


def render(
    place: Path, frame: int, *, window: Window | None = None, size: tuple[int, int] | None = None, kind: str = "JPEG",
    quality: int = 88,
) -> bytes:  # fmt: skip
    """Frame ``frame`` (from 1) as JPEG or PNG, no larger than ``size``; raises NotRenderable."""
    pixels = _shown(place, frame, window)
    picture = Image.fromarray(pixels)
    if size:
        picture.thumbnail(size)
    out = io.BytesIO()
    picture.save(out, kind, **({"quality": quality} if kind == "JPEG" else {"compress_level": 3}))
    return out.getvalue()


def decoded_frame(place: Path, frame: int) -> bytes:
    """Frame ``frame`` (from 1) as uncompressed little endian bytes."""
    data = np.ascontiguousarray(_pixels(place, frame, raw=True))
    return data.astype(data.dtype.newbyteorder("<"), copy=False).tobytes()


def default_window(place: Path) -> Window | None:
    """The window that the object proposes, else the range of its first frame; None for colour."""
    header = _header(str(place))
    if header.get("PhotometricInterpretation") not in _MONOCHROME:
        return None
    return _proposed(header) or _range(np.asarray(apply_modality_lut(_pixels(place, 1), header), dtype=np.float32))


def _shown(place: Path, frame: int, window: Window | None) -> np.ndarray:
    header = _header(str(place))
    pixels = _pixels(place, frame)
    colour = header.get("PhotometricInterpretation", "")
    if colour == "PALETTE COLOR":
        pixels = apply_color_lut(pixels, header)
        return (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels.astype(np.uint8)
    if colour not in _MONOCHROME:
        return pixels if pixels.dtype == np.uint8 else (pixels >> (int(header.BitsStored) - 8)).astype(np.uint8)
    values = np.asarray(apply_modality_lut(pixels, header), dtype=np.float32)
    shown = _window(values, window or _proposed(header) or _range(values))
    return 255 - shown if colour == "MONOCHROME1" else shown


def _window(values: np.ndarray, window: Window) -> np.ndarray:
    """The linear function of PS3.3, C.11.2.1.2."""
    width = max(window.width, 1.0)
    scaled = (values - (window.center - 0.5)) / max(width - 1, 1e-6) + 0.5
    return (np.clip(scaled, 0, 1) * 255 + 0.5).astype(np.uint8)


def _proposed(header: pydicom.Dataset) -> Window | None:
    center, width = _first(header.get("WindowCenter")), _first(header.get("WindowWidth"))
    return Window(center, width) if center is not None and width else None


def _first(value: Any) -> float | None:
    values = value if isinstance(value, list | pydicom.multival.MultiValue) else [value]
    try:
        return float(values[0])
    except (TypeError, ValueError, IndexError):
        return None


def _range(values: np.ndarray) -> Window:
    low, high = np.percentile(values, [0.5, 99.5])
    return Window(float(low + high) / 2, max(float(high - low), 1.0))


@lru_cache(maxsize=256)
def _header(place: str) -> pydicom.Dataset:
    return pydicom.dcmread(place, stop_before_pixels=True)


def _pixels(place: Path, frame: int, *, raw: bool = False) -> np.ndarray:
    try:
        if _header(str(place)).file_meta.TransferSyntaxUID == DEFLATED:  # only read whole
            return pixel_array(pydicom.dcmread(place), index=frame - 1, raw=raw)
        return pixel_array(place, index=frame - 1, raw=raw)
    except (ValueError, RuntimeError, AttributeError, NotImplementedError, KeyError, IndexError, TypeError) as problem:
        raise NotRenderable() from problem
