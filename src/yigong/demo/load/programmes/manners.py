"""How public-health work is done from house to house: townships differ, villages within them differ, and a few do what a check should find."""

from dataclasses import dataclass
from random import Random

from yigong.demo.generate.keys import chance


@dataclass(frozen=True, slots=True)
class Manner:
    """A village clinic's way. Shares between 0 and 1: ``reach`` of the known patients under management, ``diligence`` of the planned visits made, ``yearly``
    of the yearly examinations, ``elders`` of the elders and ``children`` of the children taken on, ``phone`` of the visits by telephone, ``tardy`` entered
    late. ``pressure`` (mmHg) and ``sugar`` (mmol/l) shift its people's means. ``habit``: what the screening should find, empty in most houses."""

    reach: float
    diligence: float
    yearly: float
    elders: float
    children: float
    phone: float
    tardy: float
    pressure: float
    sugar: float
    habit: str


# Every third village has one of these, in turn: the same reading again and again, visits entered at night, readings that end on 0 and 5.
_HABITS = ("copied", "night", "round")


def manners(seed: int, villages: dict[str, str]) -> dict[str, Manner]:
    """The manner of each village (key -> key of its township); the same seed gives the same, whatever villages there are besides."""
    townships = sorted(set(villages.values()))
    means = {place: chance(seed, "manner", place) for place in townships}
    levels = {place: (source.gauss(0, 1), source.gauss(0, 1)) for place, source in means.items()}
    found = {}
    for number, place in enumerate(townships):
        own = sorted(v for v, parent in villages.items() if parent == place)
        for place_in, village in enumerate(own):
            habit = _HABITS[(number + place_in // 3) % len(_HABITS)] if place_in % 3 == min(1, len(own) - 1) else ""
            found[village] = _manner(chance(seed, "manner", village), *levels[place], habit)
    return found


def _manner(source: Random, work: float, health: float, habit: str) -> Manner:
    def share(mean: float, spread: float, least: float, most: float) -> float:
        return min(most, max(least, mean + spread * (0.7 * work + 0.7 * source.gauss(0, 1))))

    return Manner(
        reach=share(0.60, 0.09, 0.35, 0.85), diligence=share(0.90, 0.035, 0.78, 0.98), yearly=share(0.82, 0.07, 0.55, 0.95),
        elders=share(0.66, 0.08, 0.4, 0.85), children=share(0.82, 0.06, 0.6, 0.95), phone=share(0.12, 0.05, 0.02, 0.35),
        tardy=min(0.4, max(0.0, source.gauss(0.05 - 0.02 * work, 0.03))), pressure=source.gauss(1 - 1.5 * health, 3.0),
        sugar=source.gauss(0.1 - 0.1 * health, 0.25), habit=habit,
    )  # fmt: skip
