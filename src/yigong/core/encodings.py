"""Text files from the county's systems: UTF-8 or GB18030, and sometimes both in one file, put together from pieces."""


def encoding_of(sample: bytes) -> str:
    """UTF-8 or GB18030, whichever more lines of a sample are in. Single lines may still be in the other one (``decoded``)."""
    lines = [text for text in sample.split(b"\n")[:-1] or [sample] if not text.isascii()]
    bad = sum(not _decodes(text, "utf-8") for text in lines)
    return "gb18030" if bad * 2 > len(lines) else "utf-8"


def decoded(raw: bytes, encoding: str) -> str:
    """A line in the file's encoding, else in the other one."""
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return raw.decode("utf-8" if encoding == "gb18030" and _decodes(raw, "utf-8") else "gb18030", "replace")


def _decodes(text: bytes, encoding: str) -> bool:
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True
