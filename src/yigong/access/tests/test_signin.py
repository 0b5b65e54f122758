"""Signing in, waiting after failures, passwords, codes, sessions."""

from datetime import timedelta

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from yigong.access import commands, errors, otp, queries, rules, signin
from yigong.access.models import Account, LoginThrottle, Session
from yigong.access.tests.factories import PASSWORD, make_person
from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.testing import race
from yigong.network import api as network
from yigong.network.tests.factories import BOSS, make_institution

pytestmark = pytest.mark.django_db


def fail(name: str, times: int, address: str = "10.0.0.1") -> list[str]:
    """So many wrong passwords in a row; the codes of the refusals."""
    codes = []
    for _n in range(times):
        with pytest.raises((errors.WrongCredentials, errors.TooManyAttempts)) as refusal:
            signin.check_password(name, "wrong", address)
        codes.append(refusal.value.code)
    return codes


def test_waits_grow_and_are_only_for_one_source() -> None:
    """Five free attempts, then growing waits for this name at this address; elsewhere the owner signs in; time is a way back."""
    name = make_person().account.username
    assert fail(name, 6) == ["access.wrong_credentials"] * 5 + ["access.too_many_attempts"]
    with pytest.raises(errors.TooManyAttempts, match=r"(29|30|31) 秒"):
        signin.check_password(name, PASSWORD, "10.0.0.1")
    assert signin.check_password(name, PASSWORD, "10.0.0.2")
    with clock.travel(timedelta(seconds=31)):
        assert fail(name, 2) == ["access.wrong_credentials", "access.too_many_attempts"]
    with clock.travel(timedelta(seconds=31 + 61)):
        assert signin.check_password(name, PASSWORD, "10.0.0.1")
        assert not LoginThrottle.objects.filter(username=name).exists()


def test_unknown_names_wait_like_known_ones() -> None:
    """Nothing tells whether a name exists."""
    assert fail("nobody", 6)[-1] == "access.too_many_attempts"


@given(st.integers(1, 60))
def test_waits_never_shrink(failures: int) -> None:
    """More failures never wait less, and never more than half an hour."""
    assert rules.wait_after(failures) <= rules.wait_after(failures + 1) <= timedelta(minutes=30)


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("short1A!", False),
        ("alllowercase12", False),
        ("Zhang-wei-2026", False),
        ("aaaaBBBB1111", False),
        ("Password-2026", False),
        ("Liu-shu-cun-7", True),
        ("山高水长清溪县柳树村石桥镇卫生院大门", True),
        ("correct horse battery", True),
    ],
)
def test_password_policy(password: str, good: bool) -> None:
    """Long or mixed, not the name, not a common one."""
    assert (rules.password_problems(password, "zhang-wei") == []) is good


def test_a_request_costs_one_statement_and_rights_change_at_once() -> None:
    """The actor comes with the session's row; an ended post, a secondment and a lock take effect with the next request."""
    person = make_person("nurse")
    client, page = person.client(), "/access/post/"
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/access/password/").status_code == 200
    # One for the person with the session, one for the count at the bell.
    about = ["access" if "access_session" in query["sql"] else "tasks_task" in query["sql"] for query in asked]
    assert about == ["access", True], [query["sql"] for query in asked]
    other = network.assign_post(staff_id=person.staff_id, institution_id=make_institution().id, role="gp", actor=BOSS)
    network.end_post(post_id=person.post.id, reason="调离", actor=BOSS)
    assert client.get(page).wsgi_request.actor.post_id == other.id
    commands.lock_account(account_id=person.account.id, reason="离岗", actor=BOSS)
    assert client.get(page).status_code == 302


def test_switching_posts() -> None:
    """A person with two posts acts at the chosen one, and not at somebody else's."""
    person, stranger = make_person("gp"), make_person("gp")
    other = network.assign_post(
        staff_id=person.staff_id, institution_id=make_institution("county").id, role="specialist", actor=BOSS
    )
    client = person.client()
    client.post("/access/switch/", {"post": str(other.id)})
    assert client.get("/access/post/").wsgi_request.actor.role == "specialist"
    client.post("/access/switch/", {"post": str(stranger.post.id)})
    assert client.get("/access/post/").wsgi_request.actor.staff_id == person.staff_id
    assert client.post("/access/switch/", {"post": "x"}).status_code == 422


def test_nobody_without_a_post_gets_in() -> None:
    """The refusal says whom to ask."""
    person = make_person()
    network.end_post(post_id=person.post.id, reason="退休", actor=BOSS)
    answer = Client().post("/access/login/", {"username": person.account.username, "password": PASSWORD})
    assert answer.status_code == 403 and "没有在任岗位" in answer.content.decode()


def test_first_password_must_be_changed() -> None:
    """Every page leads to the password page until it is changed; the old one stops working, other sessions end."""
    person = make_person(must_change_password=True)
    client, elsewhere = person.client(), person.client()
    assert client.get("/access/post/")["Location"] == "/access/password/"
    fields = {"old": PASSWORD, "new": "Liu-shu-cun-7", "again": "Liu-shu-cun-7"}
    assert client.post("/access/password/", fields | {"again": "x"}).status_code == 422
    assert client.post("/access/password/", fields | {"new": "short", "again": "short"}).status_code == 422
    assert client.post("/access/password/", fields).status_code == 302
    assert client.get("/access/post/").status_code == 200
    assert elsewhere.get("/access/post/").status_code == 302
    with pytest.raises(errors.WrongCredentials):
        signin.check_password(person.account.username, PASSWORD, "10.0.0.9")


def test_reset_gives_a_secret_for_one_time() -> None:
    """The administrator sees it once, the owner must change it; a doctor may not reset."""
    person, admin = make_person(), make_person("admin")
    with pytest.raises(Forbidden):
        commands.reset_password(account_id=person.account.id, reason="忘记", actor=person.actor)
    secret = commands.reset_password(account_id=person.account.id, reason="忘记", actor=admin.actor)
    account = signin.check_password(person.account.username, secret, "10.0.0.1")
    assert account.must_change_password


def test_locking_needs_a_reason_and_not_oneself() -> None:
    """A locked account learns why when the password is right, and can be let in again."""
    person, admin = make_person(), make_person("admin")
    with pytest.raises(InvalidInput):
        commands.lock_account(account_id=person.account.id, reason=" ", actor=admin.actor)
    with pytest.raises(Forbidden):
        commands.lock_account(account_id=admin.account.id, reason="误", actor=admin.actor)
    commands.lock_account(account_id=person.account.id, reason="调查", actor=admin.actor)
    with pytest.raises(errors.AccountLocked, match="调查"):
        signin.check_password(person.account.username, PASSWORD, "10.0.0.1")
    commands.unlock_account(account_id=person.account.id, reason="查清", actor=admin.actor)
    assert signin.check_password(person.account.username, PASSWORD, "10.0.0.1")


def test_sessions_end_by_idling_and_by_length() -> None:
    """Two idle hours, or twelve hours in all, and the next request asks for the password."""
    client = make_person().client()
    assert client.get("/access/post/").status_code == 200
    with clock.travel(timedelta(hours=3)):
        assert client.get("/access/post/").status_code == 302
    busy = make_person().client()
    for hours in range(1, 12):
        with clock.travel(timedelta(hours=hours)):
            assert busy.get("/access/post/").status_code == 200, hours
    with clock.travel(timedelta(hours=12, minutes=1)):
        assert busy.get("/access/post/").status_code == 302


def test_own_sessions_can_be_ended() -> None:
    """The list shows both browsers, and ending one signs it out."""
    person = make_person()
    here, there = person.client(), person.client()
    keys = set(Session.objects.filter(account_id=person.account.id).values_list("session_key", flat=True))
    other = (keys - {here.session.session_key}).pop()
    commands.end_session(account_id=person.account.id, session_digest=queries.session_digest(other))
    assert there.get("/access/post/").status_code == 302 and here.get("/access/post/").status_code == 200


def test_one_time_codes() -> None:
    """A code is good once, a neighbour step is tolerated, a recovery code is good once."""
    person, plain = make_person(), otp.fresh_secret()
    account_id = person.account.id
    now = pyotp.TOTP(plain).at(clock.now())
    codes = otp.switch_on(account_id=account_id, plain=plain, code=now)
    assert plain not in Account.objects.get(pk=account_id).otp_secret
    with pytest.raises(errors.WrongCode):
        otp.check(account_id, now)
    with clock.travel(timedelta(seconds=60)):
        later = pyotp.TOTP(plain).at(clock.now())
        otp.check(account_id, later)
        for used in (later, "000000", ""):
            with pytest.raises(errors.WrongCode):
                otp.check(account_id, used)
        otp.check(account_id, codes[0])
        with pytest.raises(errors.WrongCode):
            otp.check(account_id, codes[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("access.sign_in")
def test_guesses_at_once_are_counted() -> None:
    """Eight guesses in the same instant: five are looked at, three wait."""
    outcomes = race(*[lambda: signin.check_password("zhangwei", "wrong", "10.0.0.1")] * 8)
    assert sorted(outcome.code for outcome in outcomes) == (
        ["access.too_many_attempts"] * 3 + ["access.wrong_credentials"] * 5
    )
    assert LoginThrottle.objects.get(username="zhangwei").failures == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("access.one_time_code")
def test_one_code_for_two_sign_ins_at_once() -> None:
    """Somebody who saw the code cannot use it beside the owner."""
    person, plain = make_person(), otp.fresh_secret()
    otp.switch_on(account_id=person.account.id, plain=plain, code=pyotp.TOTP(plain).at(clock.now()))
    Account.objects.update(otp_last_step=0)
    code = pyotp.TOTP(plain).at(clock.now())
    outcomes = race(*[lambda: otp.check(person.account.id, code)] * 2)
    assert sorted(map(str, outcomes)) == sorted([str(None), str(errors.WrongCode())])
