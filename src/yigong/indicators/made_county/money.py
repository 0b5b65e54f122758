"""Settlements of the fund inside and outside the county, assistance and relief."""

# texts: data
from yigong.core.months import add_months, first_of
from yigong.indicators.made_county.making import Maker, key


def settlements(maker: Maker) -> None:
    """One in ten is a stay, one in six of these outside; of the rest one in twenty is outside. What came back late is provisional."""
    n = maker.size.settlements
    stay = "(g % 10 = 0)"
    outside = f"(case when {stay} then g % 60 = 0 else g % 20 = 1 end)"
    total = f"(case when {stay} then 300000 + g % 7 * 50000 else 8000 + g % 13 * 500 end)"
    recent = f"({maker.day(n)} >= date '{add_months(first_of(maker.today), -1)}')"
    inside_place = f"case when {stay} then case when g % 3 = 0 then {maker.township('g / 10')} else 0 end when g % 3 = 0 then 0 when g % 3 = 1 then {maker.village('g')} else {maker.township('g')} end"
    month = f"date_trunc('month', {maker.day(n)}::timestamp)::date"
    maker.fill(
        "budget_fundfact", n,
        {
            "id": key("fact", "g"), "key": "'m' || g", "source": f"case when {outside} then 'return' else 'settlement' end", "ref": "'m' || g", "region": "'140121'",
            "scheme": "case when g % 6 = 0 then '310' else '390' end", "month": month, "booked": month, "settled_on": maker.day(n),
            "kind": f"case when {stay} then 'inpatient' when g % 5 = 1 then 'chronic' else 'pooling' end", "place": f"case when {outside} then 'registered' else 'inside' end",
            "institution_id": f"case when not {outside} then {key('house', f'({inside_place})')} end", "home_id": key("house", maker.township("g")),
            "cases": "1", "total": total, "in_scope": total, "pool": f"{total} * 6 / 10", "other_funds": f"{total} / 10", "person": f"{total} - {total} * 6 / 10 - {total} / 10",
            "provisional": f"{outside} and {recent}",
        },
    )  # fmt: skip
