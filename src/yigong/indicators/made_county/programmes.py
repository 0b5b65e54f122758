"""Programmes and their visits, contracts, what is done for the public."""

# texts: data

from yigong.indicators.made_county.making import Maker, every, key


def programmes(maker: Maker) -> None:
    """Enrolments at townships and villages, and their visits of the year."""
    n, visits = maker.size.enrolments, maker.size.follow_ups
    house = f"(case when g % 3 = 0 then {maker.township('g')} else {maker.village('g')} end)"
    maker.fill(
        "programmes_enrolment", n,
        {
            "id": key("enrolment", "g"), "state": "case when g % 97 = 5 then 'ended' else 'active' end", "resident_id": maker.person("g"),
            "programme": "case g % 8 when 0 then 'diabetes' when 1 then 'hypertension' when 2 then 'hypertension' when 3 then 'hypertension' when 4 then 'copd' when 5 then 'health_record' else 'elderly' end",
            "institution_id": key("house", house), "started_on": f"date '{maker.first}' + (g % 200)::int", "began_at": f"timestamptz '{maker.first} 08:00+08'",
            "ended_on": f"case when g % 97 = 5 then date '{maker.first}' + 260 end", "ending": "case when g % 97 = 5 then '迁出' else '' end",
        },
    )  # fmt: skip
    each = f"(g / {n})"
    maker.fill(
        "programmes_visit", visits,
        {
            "id": key("programme", "g"), "enrolment_id": key("enrolment", f"(g % {n})"), "stage": f"case when {each} = 0 and g % 8 = 5 then 'creation' else 'follow-up' end",
            "on": f"least(date '{maker.today}', date '{maker.first}' + ({each} * 80 + g % 79)::int)", "way": "(1 + g % 3)::text",
            "institution_id": key("house", house.replace("g", f"(g % {n})")), "entered_late": "g % 30 = 0", "void_reason": "case when g % 500 = 3 then '录错人' else '' end",
        },
    )  # fmt: skip


def contracts(maker: Maker) -> None:
    """Teams at townships; contracts signed over the year, a few only offered; nine in ten of the key people among those who signed."""
    n, teams = maker.size.contracts, maker.size.teams
    offered, begins = f"(g >= {n})", maker.day(n + n // 60)
    maker.fill(
        "contracts_team", teams,
        {
            "id": key("team", "g"), "name": "'第' || g + 1 || '家庭医生团队'", "institution_id": key("house", maker.township("g")),
            "started_on": f"date '{maker.first.year - 1}-01-01' + (g % 7 * 60)::int",
        },
    )  # fmt: skip
    team = {
        "team_id": key("team", f"(g % {teams})"),
        "starts_on": begins,
        "ends_on": f"{begins} + case when g % 61 = 8 then 100 else 365 end",
    }
    maker.fill(
        "contracts_contract", n + n // 60,
        {
            "id": key("contract", "g"), "state": f"case when {offered} then 'offered' else 'valid' end", "number": "'Q' || lpad(g::text, 9, '0')", "resident_id": key("resident", "g"),
            "institution_id": key("house", maker.township(f"(g % {teams})")), "term_ends_on": f"{begins} + 365",
            "signed_on": f"case when not {offered} then {begins} end", "way": "'paper'", "token": "''",
        } | team,
    )  # fmt: skip
    maker.fill("contracts_stint", n + n // 60, {"id": key("stint", "g"), "contract_id": key("contract", "g")} | team)
    people = maker.size.people
    signed = every("g", "0.93")
    maker.fill(
        "contracts_groupmember", maker.size.key_people,
        {
            "resident_id": key("resident", f"(case when {signed} then g % {n} else {n} + (g - floor(g * 0.93))::bigint % {people - n} end)"), "since": f"date '{maker.first}'",
            "group": "case g % 3 when 0 then 'elderly' when 1 then 'hypertension' else 'diabetes' end",
        },
    )  # fmt: skip


def outreach(maker: Maker) -> None:
    """Lectures and leaflets of the townships; assistance and relief at the counters, some paid to the person at home."""
    n, aid = maker.size.outreach, maker.size.aid
    maker.fill(
        "forms_formresponse", n,
        {"id": key("answer", "g"), "form_code": "'x'", "answers": "case when g % 3 = 1 then jsonb_build_object('copies', 50 + g % 40) else '{}'::jsonb end"},
    )  # fmt: skip
    maker.fill(
        "programmes_siterecord", n,
        {
            "id": key("answer", "g"), "programme": "case when g % 20 = 19 then 'school_health' else 'health_education' end", "institution_id": key("house", maker.township("g")),
            "activity": "(array['lecture','material','board'])[1 + g % 3]", "on": maker.day(n), "response_id": key("answer", "g"), "reach": "20 + g % 30",
            "void_reason": "case when g % 25 = 2 then '重复' else '' end",
        },
    )  # fmt: skip
    owed, back = "(g % 15 = 4)", "(g % 30 = 8)"
    maker.fill(
        "assistance_payment", aid,
        {
            "id": key("aid", "g"), "number": "'MA' || g", "key": key("aid", "g"), "fund": "case when g % 5 = 0 then 'relief' else 'aid' end", "resident_id": maker.person("g * 3"),
            "state": f"case when {back} then 'withdrawn' when {owed} then 'owed' else 'paid' end", "amount": "5000 + g % 70 * 100", "at": maker.at(aid),
            "settlement_id": f"case when g % 6 <> 1 or {owed} then {key('fact', 'g')} end", "institution_id": f"case when g % 6 <> 1 or {owed} then {key('house', '(g % 2)')} end",
            "posting_id": f"case when not {owed} then {key('aid', 'g')} end", "reversal_id": f"case when {back} then {key('aid', 'g')} end",
        },
    )  # fmt: skip
