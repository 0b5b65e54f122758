"""The rules as sets. Each kind is one SELECT over ``bills`` and ``lines``, which are the stored facts or, at the counter, the facts of one
person with the bill that is being settled.

A SELECT answers key, bill, amount in fen and evidence rows. The key is made of the keys of the evidence and nothing that changes from run to run.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from yigong.insurance.review.rules.definitions import Rule

_DAY = "(l.performed_at at time zone 'Asia/Shanghai')::date"
_ROW = (
    "jsonb_build_object('text', l.item_name || ' ×' || trim_scale(l.quantity), 'on', ({day})::text, 'amount', l.amount)"
)
_ROWS = f"jsonb_agg({_ROW.format(day=_DAY)} order by l.performed_at, l.id)"
_STAY = "jsonb_build_object('text', {text}, 'on', ({at} at time zone 'Asia/Shanghai')::date::text, 'amount', {amount})"

# %(name)s stands for a parameter of the rule; {p} is put before it, so that all rules fit into one statement.
SELECTS: dict[str, str] = {
    "split_admission": f"""
        select a.id || ':' || b.id, b.id, b.total, jsonb_build_array(
            {_STAY.format(text="'出院：' || a.number || ' ' || coalesce(a.codes[1], '')", at="a.ended_at", amount="a.total")},
            {_STAY.format(text="'再次入院：' || b.number || ' ' || coalesce(b.codes[1], '')", at="b.began_at", amount="b.total")})
        from bills a join bills b on b.resident_id = a.resident_id and b.id <> a.id and a.kind = 'inpatient' and b.kind = 'inpatient'
            and b.began_at >= a.ended_at and b.began_at < a.ended_at + make_interval(days => %({{p}}days)s)
            and left(a.codes[1], 3) = left(b.codes[1], 3)""",
    "repeated": f"""
        select b.id || ':' || l.item_code || ':' || {_DAY}, b.id, sum(l.amount) - max(l.amount), {_ROWS}
        from bills b join lines l on l.bill_id = b.id
        where l.item_code like any(%({{p}}items)s) and l.quantity > 0
        group by b.id, l.item_code, {_DAY} having count(*) > 1""",
    "long_stay": f"""
        select b.id::text, b.id, b.total, jsonb_build_array(
            {_STAY.format(text="'入院'", at="b.began_at", amount="0")}, {_STAY.format(text="'出院'", at="b.ended_at", amount="b.total")})
        from bills b where b.kind = 'inpatient'
            and (b.ended_at at time zone 'Asia/Shanghai')::date - (b.began_at at time zone 'Asia/Shanghai')::date > %({{p}}days)s""",
    "item_sex": f"""
        select b.id || ':' || l.item_code, b.id, sum(l.amount), {_ROWS}
        from bills b join lines l on l.bill_id = b.id
        where b.sex = %({{p}}sex)s and l.item_code like any(%({{p}}items)s) group by b.id, l.item_code""",
    "diagnosis_sex": f"""
        select b.id || ':' || code, b.id, 0::bigint, jsonb_build_array({_STAY.format(text="'诊断 ' || code", at="b.began_at", amount="0")})
        from bills b, unnest(b.codes) code where b.sex = %({{p}}sex)s and code like any(%({{p}}diagnoses)s)
        group by b.id, b.began_at, code""",
    "item_age": f"""
        select b.id || ':' || l.item_code, b.id, sum(l.amount), {_ROWS}
        from bills b join lines l on l.bill_id = b.id
        where extract(year from age({_DAY}, b.birth_date)) >= %({{p}}from_age)s and l.item_code like any(%({{p}}items)s)
        group by b.id, l.item_code""",
    "quantity": f"""
        select b.id || ':' || l.item_code || ':' || {_DAY}, b.id,
            round(sum(l.amount) * (sum(l.quantity) - %({{p}}most)s) / sum(l.quantity))::bigint, {_ROWS}
        from bills b join lines l on l.bill_id = b.id where l.item_code like any(%({{p}}items)s)
        group by b.id, l.item_code, {_DAY} having sum(l.quantity) > %({{p}}most)s""",
    "after_discharge": f"""
        select l.id::text, b.id, l.amount, jsonb_build_array({_ROW.format(day=_DAY)},
            {_STAY.format(text="'出院'", at="b.ended_at", amount="0")})
        from bills b join lines l on l.bill_id = b.id
        where b.kind = 'inpatient' and {_DAY} > (b.ended_at at time zone 'Asia/Shanghai')::date""",
    "after_death": f"""
        select l.id::text, b.id, l.amount, jsonb_build_array({_ROW.format(day=_DAY)},
            jsonb_build_object('text', '登记死亡', 'on', b.died_on::text, 'amount', 0))
        from bills b join lines l on l.bill_id = b.id where {_DAY} > b.died_on""",
    "out_of_hours": f"""
        select b.id || ':' || l.item_code || ':' || {_DAY}, b.id, sum(l.amount), {_ROWS}
        from bills b join lines l on l.bill_id = b.id
        where l.item_code like any(%({{p}}items)s)
            and (extract(hour from l.performed_at at time zone 'Asia/Shanghai') >= %({{p}}from_hour)s
                or extract(hour from l.performed_at at time zone 'Asia/Shanghai') < %({{p}}to_hour)s)
        group by b.id, l.item_code, {_DAY}""",
    "two_places": f"""
        select a.id || ':' || b.id, b.id, sum(l.amount),
            jsonb_build_array({_STAY.format(text="'住院：' || a.number", at="a.began_at", amount="a.total")}) || {_ROWS}
        from bills a join bills b on b.resident_id = a.resident_id and b.institution_id <> a.institution_id and a.kind = 'inpatient'
            join lines l on l.bill_id = b.id and {_DAY} > (a.began_at at time zone 'Asia/Shanghai')::date
                and {_DAY} < (a.ended_at at time zone 'Asia/Shanghai')::date
        group by a.id, a.number, a.began_at, a.total, b.id""",
    "without_diagnosis": f"""
        select b.id || ':' || l.item_code, b.id, sum(l.amount), {_ROWS}
        from bills b join lines l on l.bill_id = b.id
        where l.item_code like any(%({{p}}items)s)
            and not exists (select from unnest(b.codes) code where code like any(%({{p}}diagnoses)s))
        group by b.id, l.item_code""",
    "bundle": f"""
        select b.id || ':' || {_DAY}, b.id, sum(l.amount) filter (where l.item_code like any(%({{p}}others)s)), {_ROWS}
        from bills b join lines l on l.bill_id = b.id
        where l.item_code like any(%({{p}}items)s) or l.item_code like any(%({{p}}others)s)
        group by b.id, {_DAY}
        having bool_or(l.item_code like any(%({{p}}items)s)) and bool_or(l.item_code like any(%({{p}}others)s))""",
}

STORED = """
    with bills as materialized (select * from review_billfact where settled_on >= %(since)s),
    lines as materialized (select l.* from review_linefact l join bills b on b.id = l.bill_id where l.amount > 0)"""

# The bill at the counter is not stored yet (or stored as it was before): it takes the place of the stored one.
AT_THE_COUNTER = """
    with bills as materialized (
        select id, number, resident_id, institution_id, kind, began_at, ended_at, codes, sex, birth_date, died_on, total
        from review_billfact where resident_id = any(%(people)s) and id <> %(bill)s and settled_on >= %(since)s
        union all
        select id, number, resident_id, institution_id, kind, began_at, ended_at, codes, sex, birth_date, died_on, total
        from jsonb_to_recordset(%(bills)s::jsonb) as given(id uuid, number text, resident_id uuid, institution_id uuid, kind text,
            began_at timestamptz, ended_at timestamptz, codes text[], sex text, birth_date date, died_on date, total bigint)),
    lines as materialized (
        select l.id, l.bill_id, l.item_code, l.item_name, l.quantity, l.amount, l.performed_at
        from review_linefact l join bills b on b.id = l.bill_id where b.id <> %(bill)s and l.amount > 0
        union all
        select id, bill_id, item_code, item_name, quantity, amount, performed_at
        from jsonb_to_recordset(%(lines)s::jsonb) as given(id uuid, bill_id uuid, item_code text, item_name text, quantity numeric,
            amount bigint, performed_at timestamptz) where amount > 0)"""


def statement(source: str, rules: Sequence[Rule], *, one_bill: bool = False) -> tuple[str, dict[str, Any]]:
    """One statement for all the rules and its parameters; each row: rule, key, bill, amount, evidence.

    With ``one_bill`` only what concerns the bill ``%(bill)s`` is answered.
    """
    values = {f"r{place}_{name}": value for place, rule in enumerate(rules) for name, value in rule.given().items()}
    return _text(source, tuple((rule.code, rule.kind) for rule in rules), one_bill), values


@cache
def _text(source: str, rules: tuple[tuple[str, str], ...], one_bill: bool) -> str:
    parts = [
        f"select '{code}' as rule, found.* from ({SELECTS[kind].replace('{p}', f'r{place}_')}) as found(key, bill_id, amount, evidence)"
        for place, (code, kind) in enumerate(rules)
    ]
    kept = "where key is not null" + (" and bill_id = %(bill)s" if one_bill else "")
    return f"{source} select rule, key, bill_id, amount, evidence from ({' union all '.join(parts)}) as every {kept} order by rule, key"
