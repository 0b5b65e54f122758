"""App registration."""

from django.apps import AppConfig


class DicomConfig(AppConfig):
    """The image archive."""

    name = "yigong.exchange.dicom"
    label = "dicom"
    verbose_name = "影像归档"
