"""Hypertension through the commands; the decision table itself is in ``test_tables``."""

from datetime import timedelta

import pytest

from yigong.core import clock
from yigong.programmes.queries.effects import foresee

from .world import World, enrolled, later, visit


@pytest.mark.django_db
def test_personal_target(world: World) -> None:
    """A target set for a person decides instead of the age."""
    row = enrolled(world, age=70, answers={"target_sbp": "130", "target_dbp": "80"})
    assert visit(world, row, sbp=128, dbp=79).visit.grade == "satisfied"
    with later(days=90):
        assert visit(world, row, sbp=130, dbp=79).visit.grade == "unsatisfied"


@pytest.mark.django_db
def test_clinical_goal_is_another_flag(world: World) -> None:
    """138/88 is satisfactory for the assessment and above the clinical goal; both are told."""
    told = foresee(
        enrolment_id=enrolled(world).id,
        stage="followup",
        answers={"sbp": "138", "dbp": "88", "danger": ["none"], "reaction": "1", "complication": "1"},
    )
    assert told.grade == "satisfied" and [met for _title, met, _source in told.goals] == [False]
    assert told.next_on == clock.today() + timedelta(days=90)


@pytest.mark.django_db
def test_late_entry_changes_what_follows(world: World) -> None:
    """An unsatisfactory visit entered afterwards makes the one after it the second in a row."""
    row = enrolled(world, on=clock.today() - timedelta(days=30))
    last = visit(world, row, sbp=150)
    assert last.visit.grade == "unsatisfied"
    visit(world, row, sbp=151, on=clock.today() - timedelta(days=10))
    from yigong.programmes.models import Visit

    assert Visit.objects.get(pk=last.visit.id).grade == "unsatisfied_again"
