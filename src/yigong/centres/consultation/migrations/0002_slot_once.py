"""An expert's time is held once. The range types come from the network's migration."""

from django.db import migrations

FORWARD = """
alter table consultation_invitation add constraint consultation_slot_once exclude using gist (
    uuid_range(expert_id, expert_id, '[]') with &&, tstzrange(starts_at, ends_at) with &&)
    where (state in ('invited', 'accepted', 'opined'));
"""
BACKWARD = "alter table consultation_invitation drop constraint consultation_slot_once;"


class Migration(migrations.Migration):
    dependencies = [("consultation", "0001_initial"), ("network", "0002_no_overlaps")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
