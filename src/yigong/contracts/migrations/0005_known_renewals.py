"""Which contracts another one renews already."""

from django.db import migrations

_SET = """
update contracts_contract set is_renewed = true
where id in (select renews_id from contracts_contract where renews_id is not null)
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0004_counts_by_index")]
    operations = [migrations.RunSQL(_SET, migrations.RunSQL.noop)]
