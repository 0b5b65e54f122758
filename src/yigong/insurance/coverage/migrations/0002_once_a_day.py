"""Nobody is insured, categorised or registered twice on one day. The range types come from the network's migration."""

from django.db import migrations

FORWARD = """
alter table coverage_enrolment add constraint enrolment_once_a_day exclude using gist (
    uuid_range(resident_id, resident_id, '[]') with &&, daterange(starts_on, ends_on) with &&);
alter table coverage_category add constraint category_once_a_day exclude using gist (
    uuid_range(resident_id, resident_id, '[]') with &&, text_range(code, code, '[]') with &&,
    daterange(starts_on, ends_on) with &&);
alter table coverage_entitlement add constraint entitlement_once_a_day exclude using gist (
    uuid_range(resident_id, resident_id, '[]') with &&, text_range(kind, kind, '[]') with &&,
    text_range(code, code, '[]') with &&, daterange(starts_on, ends_on) with &&)
    where (kind in ('chronic', 'two_diseases'));
alter table coverage_entitlement add constraint entitlement_one_at_a_time exclude using gist (
    uuid_range(resident_id, resident_id, '[]') with &&, text_range(kind, kind, '[]') with &&,
    daterange(starts_on, ends_on) with &&)
    where (kind in ('institution', 'elsewhere'));
"""

BACKWARD = """
alter table coverage_entitlement drop constraint entitlement_one_at_a_time;
alter table coverage_entitlement drop constraint entitlement_once_a_day;
alter table coverage_category drop constraint category_once_a_day;
alter table coverage_enrolment drop constraint enrolment_once_a_day;
"""


class Migration(migrations.Migration):
    dependencies = [("coverage", "0001_initial"), ("network", "0002_no_overlaps")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
