"""Refusals of the checker of worked examples."""

from yigong.core.errors import InvalidInput


class VectorInvalid(InvalidInput):
    """One example cannot be calculated: an unknown kind or field, a value that cannot be read."""

    code = "vectors.invalid"


class FileInvalid(InvalidInput):
    """A file that holds no examples."""

    code = "vectors.file_invalid"
