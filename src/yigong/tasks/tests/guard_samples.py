"""A task of the GP for the guards."""

from typing import Any

from tests.guards.world import Sample

from yigong.tasks import api as tasks


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    task = tasks.open_task(
        key="guard",
        kind="guard",
        title="电话随访",
        institution_id=world.institutions["township"],
        role="gp",
        url="/tasks/",
    )
    one = Sample({"task_id": task.id})
    return {"tasks:detail": one, "tasks:claim": one, "tasks:release": one, "tasks:list": Sample()}
