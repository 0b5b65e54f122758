"""No overlaps, held by the database.

``uuid_range`` and ``text_range`` make "equal" expressible in a GiST exclusion constraint without the btree_gist extension: a range
of one value overlaps another exactly when the values are equal.
"""

from django.db import migrations

FORWARD = """
create type uuid_range as range (subtype = uuid);
create type text_range as range (subtype = text, collation = "C");

alter table network_membership add constraint membership_no_overlap exclude using gist (
    uuid_range(alliance_id, alliance_id, '[]') with &&, uuid_range(institution_id, institution_id, '[]') with &&,
    daterange(starts_on, ends_on) with &&);
alter table network_membership add constraint membership_one_community exclude using gist (
    uuid_range(institution_id, institution_id, '[]') with &&, daterange(starts_on, ends_on) with &&)
    where (kind = 'community');
alter table network_membership add constraint membership_one_lead exclude using gist (
    uuid_range(alliance_id, alliance_id, '[]') with &&, daterange(starts_on, ends_on) with &&)
    where (role = 'lead' and kind = 'community');
alter table network_alliance add constraint alliance_id_kind unique (id, kind);
alter table network_membership add constraint membership_kind_is_alliance_kind
    foreign key (alliance_id, kind) references network_alliance (id, kind);

alter table network_centre add constraint centre_id_kind unique (id, kind);
alter table network_centreservice add constraint centre_service_kind_is_centre_kind
    foreign key (centre_id, kind) references network_centre (id, kind);
alter table network_centreservice add constraint centre_service_one_per_kind exclude using gist (
    uuid_range(institution_id, institution_id, '[]') with &&, text_range(kind, kind, '[]') with &&,
    daterange(starts_on, ends_on) with &&);

alter table network_countycounting add constraint county_counting_no_overlap exclude using gist (
    uuid_range(institution_id, institution_id, '[]') with &&, daterange(starts_on, ends_on) with &&);
alter table network_post add constraint post_no_overlap exclude using gist (
    uuid_range(staff_id, staff_id, '[]') with &&, uuid_range(institution_id, institution_id, '[]') with &&,
    text_range(role, role, '[]') with &&, daterange(starts_on, ends_on) with &&);
alter table network_secondment add constraint secondment_no_overlap exclude using gist (
    uuid_range(staff_id, staff_id, '[]') with &&, uuid_range(institution_id, institution_id, '[]') with &&,
    daterange(starts_on, ends_on) with &&);
alter table network_duty add constraint duty_no_double_booking exclude using gist (
    uuid_range(staff_id, staff_id, '[]') with &&, tstzrange(starts_at, ends_at) with &&)
    where (cancelled_at is null);
"""

BACKWARD = """
alter table network_duty drop constraint duty_no_double_booking;
alter table network_secondment drop constraint secondment_no_overlap;
alter table network_post drop constraint post_no_overlap;
alter table network_countycounting drop constraint county_counting_no_overlap;
alter table network_centreservice drop constraint centre_service_one_per_kind;
alter table network_centreservice drop constraint centre_service_kind_is_centre_kind;
alter table network_centre drop constraint centre_id_kind;
alter table network_membership drop constraint membership_kind_is_alliance_kind;
alter table network_alliance drop constraint alliance_id_kind;
alter table network_membership drop constraint membership_one_lead;
alter table network_membership drop constraint membership_one_community;
alter table network_membership drop constraint membership_no_overlap;
drop type text_range;
drop type uuid_range;
"""


class Migration(migrations.Migration):
    dependencies = [("network", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
