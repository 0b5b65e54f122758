"""Chinese set with Chinese marks (GB/T 15834): what a half-width mark is, for texts as they are written and as they stand on the finished page."""

import re

# Between Chinese words; between a Latin word or a number and a Chinese one; after the last Chinese word of a text, before its first.
BETWEEN, AFTER_LATIN, AT_THE_END, AT_THE_BEGIN = (
    r"[一-鿿”》）〕][,:;?!](?=[一-鿿“《（〔])",
    r"[A-Za-z0-9%][,;](?=[一-鿿“《（〔])",
    r"[一-鿿”》）〕][,:;?!]$",
    r"^[,:;](?=[一-鿿])",
)
# Brackets that touch a Chinese word or hold one (look at a text ``without_places``).
BRACKETS = r"[一-鿿”》]\(|\)[一-鿿]|\([^()]*[一-鿿][^()]*\)"
_PLACE = re.compile(r"%\(\w+\)s")
_ON_A_PAGE = re.compile(f"{BETWEEN}|{AFTER_LATIN}")
_MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|template)\b.*?</\1>", re.DOTALL)
_WITHIN_A_LINE = re.compile(r"</?(?:a|b|i|em|strong|small|span|code|mark)\b[^>]*>")
_TAGS = re.compile(r"<[^>]+>")


def half_width(text: str) -> list[str]:
    """Each such mark with what stands around it."""
    return [
        " ".join(text[max(found.start() - 12, 0) : found.end() + 12].split()) for found in _ON_A_PAGE.finditer(text)
    ]


def without_places(text: str, filled: str = "x") -> str:
    """The text with something where it is filled in, Latin unless told."""
    return _PLACE.sub(filled, text)


def words_of(page: str) -> str:
    """The words of a page's own part, from its HTML."""
    own = _MAIN.search(page)
    return _TAGS.sub("\n", _WITHIN_A_LINE.sub("", _UNSEEN.sub("", own[0] if own else "")))
