"""The people of an age and sex as a set, for one statement of another room."""

from datetime import date

from django.db.models import Q, QuerySet

from yigong.residents.models import Resident


def population(
    *, born_after: date | None = None, born_until: date | None = None, sex: str = "", on: date | None = None
) -> QuerySet[Resident]:
    """Residents in the register on a day (today when not given), born after one day and not later than another; test persons are left out.

    A queryset for counting and joining, never for a page about a person: no decision is made. Whoever died, moved or was cancelled is in the
    register of a day before that.
    """
    alive = Q(status=Resident.Status.ACTIVE)
    if on is not None:
        alive |= Q(closed_on__gt=on, status__in=["deceased", "moved", "cancelled"])
    rows = Resident.objects.filter(alive, is_test=False)
    if born_after is not None:
        rows = rows.filter(birth_date__gt=born_after)
    if born_until is not None:
        rows = rows.filter(birth_date__lte=born_until)
    return rows.filter(sex=sex) if sex else rows
