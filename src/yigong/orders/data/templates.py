"""Templates of reports and of requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RequestPart:
    """What a request template sets besides its texts: items by code, priority (empty: as it stands), specimens by name, choices of the form by field,
    and the pieces of a file that are to be ticked. ``sex``: offered for people of this sex only."""

    items: tuple[str, ...] = ()
    priority: str = ""
    samples: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[str, ...] = ()
    sex: str = ""


@dataclass(frozen=True, slots=True)
class ReportTemplate:
    """A text to start a report from, or with ``request`` a request; ``groups`` and ``parts`` say where it is offered (empty: everywhere). ``origin`` is
    pack, centre (shared), own, proposed or retired; ``short_code`` typed after a slash in a report puts it there."""

    code: str
    title: str
    sections: Mapping[str, str]
    groups: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    positive: bool = False
    short_code: str = ""
    origin: str = "pack"
    version: str = ""
    initials: str = ""
    owner: str = ""
    request: RequestPart | None = None

    @property
    def key(self) -> str:
        """What a use of it is counted under."""
        return f"pack:{self.code}" if self.origin == "pack" else self.code


@dataclass(frozen=True, slots=True)
class TemplateText:
    """What somebody writes as a template: ``sections`` by code, the conclusion as ``impression``; of a request its texts by field, and the rest as
    ``request``."""

    title: str
    short_code: str
    sections: Mapping[str, str]
    groups: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    positive: bool = False
    request: RequestPart | None = None
