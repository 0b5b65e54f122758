"""Who may ride as what. Pure: posts and licences in, seats out."""

from collections.abc import Iterable

from django.utils.translation import gettext_noop as _n

SEATS = ("driver", "doctor", "nurse", "bearer")
# A crew post (院前急救人员) says nothing of the seat: its licence does. Pre-hospital doctors and nurses are licensed ones
# (院前医疗急救管理办法, 2014); who has no such licence drives or carries.
_POSTS = {
    "driver": frozenset({"driver"}), "doctor": frozenset({"specialist", "gp"}), "nurse": frozenset({"nurse"}),
    "bearer": frozenset({"driver"}),
}  # fmt: skip
_LICENCES = {"doctor": "practice", "nurse": "nurse"}
POSTS = frozenset().union(*_POSTS.values(), {"ambulance_crew"})
"""The roles that any seat can be filled from."""
WANTED = {
    "driver": _n("驾驶员须是本中心或站点的司机，或没有医护执业证的院前急救人员。"),
    "doctor": _n("医师须是本中心或站点的医师，或登记了医师执业证的院前急救人员。"),
    "nurse": _n("护士须是本中心或站点的护士，或登记了护士执业证的院前急救人员。"),
    "bearer": _n("担架员须是本中心或站点的司机或院前急救人员。"),
}


def seats_of(roles: Iterable[str], licences: Iterable[str]) -> frozenset[str]:
    """The seats that somebody with these posts and licences may take.

    >>> sorted(seats_of({"ambulance_crew"}, {"practice"})), sorted(seats_of({"ambulance_crew"}, ())), sorted(seats_of({"registrar"}, ()))
    (['bearer', 'doctor'], ['bearer', 'driver'], [])
    """
    held, licensed = set(roles), set(licences)
    found = {seat for seat in SEATS if held & _POSTS[seat]}
    if "ambulance_crew" in held:
        medical = {seat for seat, kind in _LICENCES.items() if kind in licensed}
        found |= medical | {"bearer"} | (set() if medical else {"driver"})
    return frozenset(found)
