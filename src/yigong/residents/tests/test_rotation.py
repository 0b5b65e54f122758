"""Another secret: everything opens under either while it is rotated, the command may be killed, afterwards only the new one counts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import override_settings

from yigong.access import otp
from yigong.access.models import Account
from yigong.access.secret import unseal as unseal_small
from yigong.access.tests.factories import make_person
from yigong.core import rotation
from yigong.core.actor import Actor
from yigong.core.testing import process, wait_for
from yigong.residents import api, queries
from yigong.residents.errors import NumberTaken
from yigong.residents.models import Identifier, Resident
from yigong.residents.rules import sealing
from yigong.residents.tests.factories import citizen_number, make_actor, make_resident

OLD, NEW = "o" * 50, "n" * 50
BOTH = {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": [OLD]}
ONLY_NEW = {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": []}
NAMES = [f"{a}{b}" for a in "赵钱孙李周吴" for b in "安邦"]


@pytest.fixture
def clerk() -> Actor:
    """Who registers."""
    return replace(make_actor("all"), staff_id=uuid4())


@pytest.fixture
def people(clerk: Actor) -> Iterator[list[tuple[str, str, str]]]:
    """Name, number and phone of a dozen people sealed under the old secret."""
    with override_settings(SECRET_KEY=OLD):
        told = []
        for n, name in enumerate(NAMES):
            born = date(1950 + n, 1 + n % 12, 1 + n)
            number, phone = citizen_number(born, sex="2"), f"1380000{n:04d}"
            person = make_resident(clerk, name, birth_date=born, number=number, phone=phone)
            api.add_contact(resident_id=person.id, name="家属", relation="97", phone=phone, actor=clerk)
            told.append((name, number, phone))
        yield told


def left() -> int:
    """What waits in all columns."""
    return sum(r.left() for r in rotation.resealers())


def everybody_is_found(clerk: Actor, people: list[tuple[str, str, str]]) -> bool:
    """By number, last four and phone, and what is opened is what was sealed."""
    for name, number, phone in people:
        for asked in (number, phone, f"{name} {number[-4:]}"):
            found = api.search_residents(asked, actor=clerk)
            if [row.name for row in found.items] != [name]:
                return False
        if {value for _label, value in queries.full_numbers(found.items[0].id)} != {number, phone}:
            return False
    return True


@pytest.mark.django_db
def test_both_secrets_count_and_then_only_the_new_one(clerk: Actor, people: list[tuple[str, str, str]]) -> None:
    """Half way: found under either, nobody registered twice; at the end the old secret is not needed."""
    with override_settings(**BOTH):
        assert left() > 2 * len(people)
        half = next(r for r in rotation.resealers() if r.name == "residents.identifiers")
        assert half.reseal(None, 10).rows == 10
        assert half.left() == len(people) - 10
        assert everybody_is_found(clerk, people)
        for name, number, _phone in (people[0], people[-1]):
            held = Identifier.objects.filter(digest__in=sealing.digests("number:01", number)).get()
            born = held.resident.birth_date
            with pytest.raises(NumberTaken):
                make_resident(clerk, "另一个人", birth_date=born, number=number)
            stranger = make_resident(clerk, f"杨{name}", birth_date=date(1911, 1, 1), sex="1").id
            with pytest.raises(NumberTaken):
                api.change_resident(
                    resident_id=stranger, changes={"number": api.GivenNumber("01", number), "birth_date": born, "sex": "2"},
                    reason="试", actor=clerk,
                )  # fmt: skip
        call_command("rotate_keys", "--batch", "7")
        assert left() == 0
        call_command("rotate_keys", "--check")
    with override_settings(**ONLY_NEW):
        assert everybody_is_found(clerk, people)
    with override_settings(SECRET_KEY=OLD), pytest.raises(sealing.SealBroken):
        queries.full_numbers(Resident.objects.order_by("created_at", "id")[0].id)


@pytest.mark.django_db
def test_without_the_old_secret_the_command_says_so(clerk: Actor, people: list[tuple[str, str, str]]) -> None:
    """Nothing is touched; with a wrong one what cannot be opened stays as it was and is counted."""
    before = [bytes(i.sealed) for i in Identifier.objects.order_by("id")]
    with override_settings(**ONLY_NEW), pytest.raises(CommandError, match="YIGONG_SECRET_OLD"):
        call_command("rotate_keys")
    with (
        override_settings(SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=["w" * 50]),
        pytest.raises(CommandError, match="打不开"),
    ):
        call_command("rotate_keys", "--batch", "7")
    assert [bytes(i.sealed) for i in Identifier.objects.order_by("id")] == before


@pytest.mark.django_db
def test_values_of_the_first_form_open_and_are_rotated(clerk: Actor) -> None:
    """Before values said under which key they lie they began with a one."""
    with override_settings(SECRET_KEY=OLD):
        person = make_resident(clerk, phone="13800000001")
        row = Resident.objects.get(pk=person.id)
        mark = sealing.current_mark()
        Resident.objects.filter(pk=person.id).update(phone_sealed=b"\x01" + bytes(row.phone_sealed)[len(mark) :])
    with override_settings(**BOTH):
        assert queries.full_numbers(person.id) == [("电话", "13800000001")]
        call_command("rotate_keys")
    with override_settings(**ONLY_NEW):
        assert queries.full_numbers(person.id) == [("电话", "13800000001")]


@pytest.mark.django_db
def test_one_time_codes_go_on(clerk: Actor) -> None:
    """The secret of the phone's codes is sealed anew."""
    account = make_person("gp").account.id
    with override_settings(SECRET_KEY=OLD):
        plain = otp.fresh_secret()
        Account.objects.filter(pk=account).update(otp_secret=otp.secret.seal(plain, "otp"))
    with override_settings(**BOTH):
        call_command("rotate_keys")
    with override_settings(**ONLY_NEW):
        assert unseal_small(Account.objects.get(pk=account).otp_secret, "otp") == plain


@pytest.mark.django_db(transaction=True)
def test_killed_between_batches_and_begun_again(clerk: Actor, people: list[tuple[str, str, str]]) -> None:
    """A real process, killed while it works: all of it opens, the next run does the rest."""
    keys = {"YIGONG_SECRET": NEW, "YIGONG_SECRET_OLD": OLD}
    with override_settings(**BOTH):
        before = left()
        with process("rotate_keys", "--batch", "5", "--pause", "0.3", **keys) as child:
            wait_for(lambda: left() < before)
            child.kill()
            child.wait()
        assert 0 < left() < before
        assert everybody_is_found(clerk, people)
        call_command("rotate_keys")
        assert left() == 0
    with override_settings(**ONLY_NEW):
        assert everybody_is_found(clerk, people)
