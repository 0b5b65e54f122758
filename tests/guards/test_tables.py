"""What a model declares stands in the database: the migrations made it, and an empty database is migrated by a shorter way."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.state import ProjectState

from yigong.core.audit.management.commands.migrate import each_model_by_itself

_NAMES = """
select relname from pg_class where relnamespace = 'public'::regnamespace
union all select conname from pg_constraint where connamespace = 'public'::regnamespace
union all select tgname from pg_trigger where not tgisinternal
"""
_COLUMNS = "select table_name, column_name from information_schema.columns where table_schema = 'public'"


@pytest.mark.django_db
def test_every_declared_table_is_whole() -> None:
    """Each column, constraint, index and trigger of each model, by its name."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES)
        names = {name for (name,) in cursor.fetchall()}
        cursor.execute(_COLUMNS)
        columns = set(cursor.fetchall())
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    wanted = [(model._meta.db_table, field.column) for model in models for field in model._meta.local_concrete_fields]
    parts = [part.name for model in models for part in (*model._meta.constraints, *model._meta.indexes)]
    triggers = [one.get_pgid(model) for model in models for one in getattr(model._meta, "triggers", [])]
    missing = [pair for pair in wanted if pair not in columns] + [
        name for name in (*parts, *triggers) if name not in names
    ]
    print(
        f"\n{len(models)} tables, {len(wanted)} columns, {len(parts)} constraints and indexes, {len(triggers)} triggers"
    )
    assert models and parts and triggers and not missing, missing


def test_the_shorter_way_ends_with_its_block() -> None:
    """Django's own step is back, after an error too."""
    usual = ProjectState._find_reload_model
    with pytest.raises(ZeroDivisionError), each_model_by_itself():
        assert ProjectState._find_reload_model is not usual
        raise ZeroDivisionError
    assert ProjectState._find_reload_model is usual
