"""First letters of Chinese names, for search at the counter (张伟 → zw)."""

import re
from functools import lru_cache

_KEEP = re.compile(r"[0-9a-z]")


@lru_cache(maxsize=4096)
def initials(text: str) -> str:
    """Lower-case first letters of each character's most common reading; letters and digits stay, the rest is dropped."""
    # Imported here: the dictionary takes time and memory that a request without names need not pay.
    from pypinyin import Style, pinyin

    parts = pinyin(text.lower(), style=Style.FIRST_LETTER)  # what is no Han character comes as one part, unchanged
    return "".join(letter for part in parts for letter in part[0] if _KEEP.fullmatch(letter))
