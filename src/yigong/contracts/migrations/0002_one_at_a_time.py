"""Nobody has two valid contracts on one day. The range types come from the network's migration."""

from django.db import migrations

FORWARD = """
alter table contracts_contract add constraint contract_one_at_a_time exclude using gist (
    uuid_range(resident_id, resident_id, '[]') with &&, daterange(starts_on, ends_on) with &&)
    where (state in ('valid', 'ended', 'expired'));
"""

BACKWARD = "alter table contracts_contract drop constraint contract_one_at_a_time;"


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_initial"), ("network", "0002_no_overlaps")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
