"""Nobody is in one programme (about one subject) twice at a time. The range types come from the network's migration."""

from django.db import migrations

FORWARD = """
alter table programmes_enrolment add constraint programme_enrolment_one_at_a_time exclude using gist (
    uuid_range(resident_id, resident_id, '[]') with &&, text_range(programme, programme, '[]') with &&,
    text_range(subject, subject, '[]') with &&, daterange(started_on, ended_on) with &&);
"""

BACKWARD = "alter table programmes_enrolment drop constraint programme_enrolment_one_at_a_time;"


class Migration(migrations.Migration):
    dependencies = [("programmes", "0001_initial"), ("network", "0002_no_overlaps")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
