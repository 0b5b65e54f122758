"""The kinds of definitions of this room: programmes (growth tables: ``growth``), the screening for visits that cannot be true."""

from collections.abc import Iterable
from datetime import date

import msgspec

from yigong.core.forms import api as forms
from yigong.core.packs.api import Kind, current, every, register, released
from yigong.programmes.rules.checking import problems
from yigong.programmes.rules.definition import Certainty, Measure, Programme, Stage

PROGRAMME: Kind[Programme] = register(Kind("programme", "programmes/*.toml", Programme, problems))


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sign that a visit may not have taken place; ``kind`` is repeated (same ``items`` ``times`` in a row), crowded (more than ``times`` visits
    of one person a day), burst (``times`` entered within ``minutes``), night (entered between 22 and 6), admitted (face to face while the person lay in
    a hospital), or tail (``items`` ending on 0 or 5 in more
    than ``percent`` of at least ``times`` visits)."""

    code: str
    title: str
    kind: str
    items: list[str] = []
    times: int = 3
    minutes: int = 0
    percent: int = 0
    note: str = ""
    certainty: Certainty = "uncertain"


class Screening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The screening of entered visits, and how large a sample is taken for the check by telephone."""

    code: str
    version: str
    effective_from: date
    title: str
    screens: list[Screen]
    sample_percent: int = 5
    sample_least: int = 5
    source: str = ""


class Messages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a message about a visit says, with {name}, {day} and {place}: ``text`` up to ``before_days`` before its last day, ``late`` after it. ``most``
    people stand on one list."""

    code: str
    version: str
    effective_from: date
    title: str
    text: str
    late: str
    before_days: int = 7
    most: int = 500
    source: str = ""
    certainty: Certainty = "uncertain"


def _message_problems(given: Messages) -> Iterable[tuple[str, str]]:
    for field in ("text", "late"):
        try:
            getattr(given, field).format(name="", day="", place="")
        except (KeyError, IndexError, ValueError) as mistake:
            yield field, f"只能使用 {{name}}、{{day}}、{{place}}：{mistake}"
    if not 1 <= given.most <= 2000:
        yield "most", "应在 1 到 2000 之间"


MESSAGES: Kind[Messages] = register(Kind("visit_messages", "visit-messages.toml", Messages, _message_problems))


def visit_messages() -> Messages:
    """The texts in force."""
    return current(MESSAGES, "visit-messages")


def _stock_problems(stock: "Stock") -> Iterable[tuple[str, str]]:
    programme = every(PROGRAMME, stock.effective_from).get(stock.code)
    if programme is None:
        yield "code", f"{stock.effective_from} 没有生效的方案“{stock.code}”"
        return
    items = {
        i.code for s in programme.stages for i in forms.form(s.form, programme.effective_from, also_gone=False).items
    }
    for name in ("product", "manufacturer", "lot", "expires", "site"):
        if getattr(stock, name) and getattr(stock, name) not in items:
            yield name, f"方案“{stock.code}”的表单里没有题目“{getattr(stock, name)}”"
    for track in sorted(set(stock.tracks) - {s.track for p in versions(stock.code) for s in p.stages}):
        yield f"tracks.{track}", f"方案“{stock.code}”里没有疫苗“{track}”"


class Stock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Of the programme ``code``: the items of its forms that name the vaccine given, its maker, lot and expiry, and the site; ``tracks`` the words by which the
    name on the packing shows which vaccine of the schedule it is."""

    code: str
    version: str
    effective_from: date
    title: str
    product: str
    manufacturer: str
    lot: str
    expires: str
    site: str = ""
    tracks: dict[str, list[str]] = {}
    source: str = ""
    certainty: Certainty = "general"


STOCK: Kind[Stock] = register(Kind("vaccine_stock", "vaccine-stock.toml", Stock, _stock_problems))


def stock_of(programme: str) -> Stock | None:
    """What tells the vaccine given in a programme; None where it gives none."""
    return every(STOCK).get(programme)


SCREENING: Kind[Screening] = register(Kind("visit_screening", "visit-screening.toml", Screening))


def programmes(on: date | None = None) -> dict[str, Programme]:
    """The programmes in force on a day, in the order in which pages show them."""
    found = every(PROGRAMME, on)
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))


def desk_stages() -> list[tuple[str, str]]:
    """(programme, stage) of the work without the person, of every version that the packs hold."""
    held = (p for code in programmes() for p in versions(code))
    return sorted({(p.code, s.code) for p in held for s in p.stages if s.desk})


def measures_at(programme: Programme, stage: Stage | None) -> list[Measure]:
    """What a visit of a stage writes into the record: the programme's own measures, at a shared stage also those of the programmes that share
    it, so that it does not matter under which of them a check-up was entered."""
    if stage is None or not stage.shared:
        return programme.measures
    found = {m.item: m for m in programme.measures}
    for other in programmes().values():
        if any(s.shared and s.form == stage.form for s in other.stages):
            found = {m.item: m for m in other.measures} | found
    return list(found.values())


def version_of(code: str, version: str) -> Programme:
    """The version that an old row names."""
    return released(PROGRAMME, code, version)


def versions(code: str) -> list[Programme]:
    """Every version of a programme that the packs hold, newest first, those to come included."""
    from yigong.core.packs.api import versions as all_versions

    found: list[Programme] = all_versions(PROGRAMME, code)
    return found
