"""Two schemes never hold for one region on one day."""

from django.db import migrations

ADD = """
alter table claims_schemeinforce add constraint claims_one_scheme_a_day exclude using gist (
    text_range(region, region, '[]') with &&, daterange(valid_from, valid_to, '[]') with &&);
"""


class Migration(migrations.Migration):
    """Adds the constraint; the range type comes from ``network``."""

    dependencies = [("claims", "0001_initial"), ("network", "0002_no_overlaps")]
    operations = [
        migrations.RunSQL(ADD, "alter table claims_schemeinforce drop constraint claims_one_scheme_a_day")
    ]
