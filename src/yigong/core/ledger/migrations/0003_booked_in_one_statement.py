"""A posting is one call; what entries must fulfil is looked at once for all of a statement, instead of at each row."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations

# Accounts are looked up and locked by key one by one: a statement over an array of unknown length would be planned anew at each call.
FORWARD = """
create function ledger_accounts(kinds text[], owners uuid[], of_unit text, negative boolean[], fresh uuid[]) returns uuid[] language plpgsql as $$
declare
    found_id uuid;
    keys uuid[];
begin
    for n in 1 .. cardinality(kinds) loop
        select a.id into found_id from ledger_ledgeraccount a where a.kind = kinds[n] and a.owner_id = owners[n] and a.unit = of_unit;
        if found_id is null then
            exit;
        end if;
        keys[n] := found_id;
    end loop;
    if cardinality(keys) = cardinality(kinds) then
        return keys;
    end if;
    insert into ledger_ledgeraccount (id, kind, owner_id, unit, may_go_negative, balance)
    select w.id, w.kind, w.owner, of_unit, w.negative, 0
    from unnest(kinds, owners, negative, fresh) as w (kind, owner, negative, id)
    where not exists (select from ledger_ledgeraccount a where a.kind = w.kind and a.owner_id = w.owner and a.unit = of_unit)
    order by w.kind, w.owner
    on conflict (kind, owner_id, unit) do nothing;
    select array_agg(a.id order by w.place) into keys
    from unnest(kinds, owners) with ordinality as w (kind, owner, place)
    join ledger_ledgeraccount a on a.kind = w.kind and a.owner_id = w.owner and a.unit = of_unit;
    return keys;
end $$;

-- Accounts are locked in the order of their keys before anything is written, so that a refusal is an answer and not an error, and two postings never
-- wait for each other. Who waited for another submission of the same key finds its posting.
create function ledger_book(
    new_id uuid, new_key text, reversed uuid, by_name text, by_staff uuid, why text, what uuid, happened timestamptz, accounts uuid[], amounts bigint[]
) returns table (outcome text, short uuid, needed bigint, has bigint) language plpgsql as $$
declare
    held_balance bigint;
    held_negative boolean;
begin
    for n in 2 .. cardinality(accounts) loop
        if accounts[n - 1] >= accounts[n] then
            select array_agg(s.account order by s.account), array_agg(s.amount order by s.account) into accounts, amounts
            from (
                select u.account, sum(u.amount)::bigint as amount from unnest(accounts, amounts) as u (account, amount)
                group by u.account having sum(u.amount) <> 0
            ) s;
            exit;
        end if;
    end loop;
    outcome := 'booked';
    for n in 1 .. cardinality(accounts) loop
        select a.balance, a.may_go_negative into held_balance, held_negative
        from ledger_ledgeraccount a where a.id = accounts[n] for no key update;
        if held_balance + amounts[n] < 0 and not held_negative then
            outcome := case when exists (select from ledger_posting p where p.key = new_key) then 'known' else 'short' end;
            short := accounts[n];
            needed := -amounts[n];
            has := held_balance;
            return next;
            return;
        end if;
    end loop;
    insert into ledger_posting (id, key, reverses_id, actor_name, staff_id, reason, about, at)
    values (new_id, new_key, reversed, by_name, by_staff, why, what, happened)
    on conflict (key) do nothing;
    if found then
        insert into ledger_entry (posting_id, account_id, amount)
        select new_id, u.account, u.amount from unnest(accounts, amounts) as u (account, amount);
    else
        outcome := 'known';
    end if;
    return next;
end $$;
"""

BACKWARD = """
drop function ledger_book(uuid, text, uuid, text, uuid, text, uuid, timestamptz, uuid[], bigint[]);
drop function ledger_accounts(text[], uuid[], text, boolean[], uuid[]);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('ledger', '0002_quiet_balances'),
    ]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        pgtrigger.migrations.RemoveTrigger(
            model_name='entry',
            name='with_its_posting',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='entry',
            name='keep_balance',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='entry',
            name='sum_is_zero',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='ledgeraccount',
            name='balance_by_entries',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='ledgeraccount',
            name='audit_row',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='posting',
            name='stamp',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='entry',
            trigger=pgtrigger.compiler.Trigger(name='booked', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE wrong RECORD; part RECORD;', func="\n                    SELECT f.posting_id AS id, sum(f.amount) AS sum INTO wrong FROM fresh f GROUP BY f.posting_id\n                    HAVING sum(f.amount) <> 0\n                        OR (SELECT p.written_at FROM ledger_posting p WHERE p.id = f.posting_id) IS DISTINCT FROM transaction_timestamp()\n                    LIMIT 1;\n                    IF FOUND AND wrong.sum <> 0 THEN\n                        RAISE EXCEPTION 'the entries of posting % do not sum to zero', wrong.id;\n                    ELSIF FOUND THEN\n                        RAISE EXCEPTION 'an entry is written in the transaction of its posting';\n                    END IF;\n                    FOR part IN SELECT account_id AS id, sum(amount) AS sum FROM fresh GROUP BY account_id ORDER BY account_id LOOP\n                        UPDATE ledger_ledgeraccount SET balance = balance + part.sum WHERE id = part.id;\n                    END LOOP;\n                    RETURN NULL;\n                ", hash='9991dd70fb71dddad824883d85b6086e7fc02330', level='STATEMENT', operation='INSERT', pgid='pgtrigger_booked_0852a', referencing='REFERENCING NEW TABLE AS fresh ', table='ledger_entry', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgeraccount',
            trigger=pgtrigger.compiler.Trigger(name='balance_by_entries', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.balance IS DISTINCT FROM NEW.balance AND pg_trigger_depth() = 0)', func="RAISE EXCEPTION 'a ledger balance changes by entries only';", hash='6ad66c0fb3180a7ee1e5d31dc0deb57c93f2e11b', operation='UPDATE', pgid='pgtrigger_balance_by_entries_2a573', table='ledger_ledgeraccount', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ledgeraccount',
            trigger=pgtrigger.compiler.Trigger(name='audit_row', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n    IF TG_OP = \'UPDATE\' AND to_jsonb(OLD) - ARRAY[\'balance\'] = to_jsonb(NEW) - ARRAY[\'balance\'] THEN RETURN NULL; END IF;\n\n    INSERT INTO audit_rowchange (at, transaction, "table", row_id, operation, before, after, context)\n    VALUES (\n        clock_timestamp(), pg_current_xact_id()::text::bigint, TG_TABLE_NAME,\n        CASE TG_OP WHEN \'DELETE\' THEN OLD.id::text ELSE NEW.id::text END, lower(TG_OP),\n        CASE TG_OP\n            WHEN \'UPDATE\' THEN (\n                SELECT jsonb_object_agg(o.key, o.value) FROM jsonb_each(to_jsonb(OLD)) o\n                WHERE o.value IS DISTINCT FROM to_jsonb(NEW) -> o.key)\n            WHEN \'DELETE\' THEN to_jsonb(OLD) END,\n        CASE TG_OP WHEN \'DELETE\' THEN NULL ELSE to_jsonb(NEW) END,\n        nullif(current_setting(\'yigong.context\', true), \'\')::jsonb\n    );\n    RETURN NULL;\n', hash='e449807b90909ca8c7202f57bd6e1fb464a73ecc', operation='INSERT OR UPDATE OF "id", "kind", "owner_id", "unit", "may_go_negative", "opened_at" OR DELETE', pgid='pgtrigger_audit_row_53377', table='ledger_ledgeraccount', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='posting',
            trigger=pgtrigger.compiler.Trigger(name='stamp', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.written_at IS DISTINCT FROM transaction_timestamp())', func='NEW.written_at := transaction_timestamp(); RETURN NEW;', hash='3cd4d4724d8a73684a611cee124ad7be558a6d71', operation='INSERT', pgid='pgtrigger_stamp_2ca66', table='ledger_posting', when='BEFORE')),
        ),
    ]
