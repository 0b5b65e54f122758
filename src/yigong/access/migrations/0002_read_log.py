"""The log of reads: append-only, one partition per month; and one open emergency access per doctor and resident."""

from django.db import migrations

FORWARD = """
create table access_readlog (
    id uuid not null, at timestamptz not null default now(), account_id uuid, staff_id uuid, post_id uuid,
    institution_id uuid, actor_name varchar(80) not null, role varchar(40) not null, resident_id uuid not null,
    subject_kind varchar(40) not null, subject_id uuid not null, action varchar(40) not null, allowed boolean not null,
    basis varchar(40) not null, page varchar(200) not null, purpose varchar(200) not null, address varchar(64) not null,
    primary key (id, at)
) partition by range (at);
create index access_readlog_by_resident on access_readlog (resident_id, at desc);
create index access_readlog_by_staff on access_readlog (staff_id, at desc);

create function access_readlog_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the read log is append-only';
end $$;
create trigger access_readlog_no_change before update or delete on access_readlog
    for each row execute function access_readlog_is_append_only();
create trigger access_readlog_no_truncate before truncate on access_readlog
    for each statement execute function access_readlog_is_append_only();

create table access_readlog_rest partition of access_readlog default;

create function access_readlog_ensure(first date, months int) returns int language plpgsql as $$
declare
    step date; made int := 0; part text;
begin
    for n in 0 .. months - 1 loop
        step := date_trunc('month', first) + make_interval(months => n);
        part := 'access_readlog_' || to_char(step, 'YYYYMM');
        if to_regclass(part) is null then
            execute format('create table %I partition of access_readlog for values from (%L) to (%L)', part,
                step::timestamp at time zone 'Asia/Shanghai',
                (step + interval '1 month')::timestamp at time zone 'Asia/Shanghai');
            execute format('create trigger %I before truncate on %I for each statement '
                'execute function access_readlog_is_append_only()', part || '_no_truncate', part);
            made := made + 1;
        end if;
    end loop;
    return made;
end $$;
select access_readlog_ensure(current_date, 24);

alter table access_emergencyaccess add constraint emergency_access_open_once exclude using gist (
    uuid_range(staff_id, staff_id, '[]') with &&, uuid_range(resident_id, resident_id, '[]') with &&,
    tstzrange(opened_at, ends_at) with &&);
"""

BACKWARD = """
alter table access_emergencyaccess drop constraint emergency_access_open_once;
drop table access_readlog;
drop function access_readlog_ensure(date, int);
drop function access_readlog_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("network", "0002_no_overlaps")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
