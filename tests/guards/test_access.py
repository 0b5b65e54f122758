"""Every address as every role, and every read about a person in the log."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.plugin import DjangoDbBlocker

from yigong.access.models import ReadLog
from yigong.core.rights import ROLES, ViewPolicy, permissions

from .world import Sample, World, build

pytestmark = pytest.mark.django_db
_MADE_UP = {"uuid": UUID(int=7), "int": 7, "str": "none", "slug": "none", "path": "none"}


@dataclass(frozen=True)
class Endpoint:
    """One address with its policy; one without a name goes by its path."""

    name: str
    path: str
    policy: ViewPolicy
    converters: tuple[tuple[str, str], ...]

    def address(self, sample: Sample | None) -> str:
        """Where to ask: with the sample's keys, or with made-up ones."""
        made_up = {key: _MADE_UP.get(kind, "none") for key, kind in self.converters}
        kwargs = sample.kwargs if sample and sample.kwargs else made_up
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(kwargs[found[1]]), self.path)
        return f"/{path}" + (sample.query if sample else "")


def endpoints() -> list[Endpoint]:
    """All addresses of the product."""
    return list(_walk(get_resolver(), "", ""))


def _walk(resolver: URLResolver, space: str, path: str) -> Iterator[Endpoint]:
    for entry in resolver.url_patterns:
        below = path + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{space}{entry.namespace}:" if entry.namespace else space, below)
        else:
            yield _endpoint(entry, space, below)


def _endpoint(entry: URLPattern, space: str, path: str) -> Endpoint:
    kinds = {type(converter): kind for kind, converter in _converters().items()}
    found = tuple((key, kinds.get(type(converter), "str")) for key, converter in entry.pattern.converters.items())
    return Endpoint(space + entry.name if entry.name else path, path, entry.callback.policy, found)


def _converters() -> dict:
    from django.urls.converters import get_converters

    return get_converters()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The small county, built once; what a test adds to it is rolled back. No line in the output per refusal."""
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    with django_db_blocker.unblock():
        around = transaction.atomic()
        around.__enter__()
        made = build()
        for role in ROLES:
            made.client(role)  # signed in for all tests, not only for the first
        yield made
        transaction.set_rollback(True)
        around.__exit__(None, None, None)
    logging.getLogger("django.request").setLevel(logging.NOTSET)


def complaint(endpoint: Endpoint, role: str, answer: HttpResponse) -> str:
    """What is wrong with this answer to this role; empty when the policy is kept."""
    status, rule = answer.status_code, endpoint.policy.rule
    if status >= 500:
        return f"{status} {_fault(answer)}"
    to_login = status == 302 and answer["Location"].startswith("/access/login/")
    if rule == "public":
        return "refused although public" if status == 403 else ""
    if role == "nobody":
        return "" if to_login or status == 405 or _is_part_of_page(answer) else f"{status} for a stranger"
    if to_login:
        return "asked to sign in again"
    if not has_right(endpoint, role):
        return "" if status == 405 or (status == 403 and _explains(answer)) else f"{status} without {rule}"
    return "refused without a sentence" if status == 403 and not _explains(answer) else ""


def has_right(endpoint: Endpoint, role: str) -> bool:
    """Whether the endpoint's rule lets this role in; who has not is turned away before the view is called."""
    rule = endpoint.policy.rule
    return rule == "public" or (role != "nobody" and (rule == "signed_in" or role in permissions()[rule].roles))


def latest_read() -> UUID | None:
    """The newest line that says that somebody was let in; keys grow with time, and the log with each request of this test."""
    return ReadLog.objects.filter(allowed=True).order_by("-id").values_list("id", flat=True).first()


def _is_part_of_page(answer: HttpResponse) -> bool:
    return answer.status_code == 204 and "HX-Redirect" in answer


def _explains(answer: HttpResponse) -> bool:
    """A refusal page or part has a heading and a sentence in Chinese; interfaces answer with a code and a message."""
    text = answer.content.decode()
    if answer["Content-Type"].startswith(("application/json", "application/dicom+json")):
        return bool(re.search(r"[\u4e00-\u9fff]{4}", text))
    return bool(re.search(r"(refused|y-toast|权限)", text)) and bool(re.search(r"[\u4e00-\u9fff]{6}", text))


def _fault(answer: HttpResponse) -> str:
    fault = getattr(answer, "exc_info", None)
    return f"{fault[0].__name__}: {fault[1]}" if fault else ""


def ask(client: Client, endpoint: Endpoint, world: World, *, part: bool = False) -> HttpResponse:
    """GET, as a whole page or as a part of one; the browser's answer with what went wrong inside."""
    return client.get(
        endpoint.address(world.samples.get(endpoint.name)), headers={"HX-Request": "true"} if part else {}
    )


@pytest.mark.parametrize("role", ["nobody", *ROLES])
def test_every_address_as_every_role(world: World, role: str) -> None:
    """GET everywhere: the policy holds, refusals explain themselves, nothing breaks, and a view that leaves a line about a person says
    so with ``about`` (or the guard of read paths would not look at it).

    Who lacks the right is refused on a whole page by every fourth address, other ones for each role, and beside the page by the others.
    """
    client = Client(raise_request_exception=False) if role == "nobody" else world.client(role)
    found = [endpoint for endpoint in endpoints() if endpoint.name != "access:logout"]
    wrong, real, latest = [], 0, latest_read()
    for place, endpoint in enumerate(found, start=["nobody", *ROLES].index(role)):
        comes_in = has_right(endpoint, role)
        answer = ask(client, endpoint, world, part=role != "nobody" and not comes_in and place % 4 != 0)
        real += not endpoint.converters or endpoint.name in world.samples
        what = complaint(endpoint, role, answer)
        if comes_in and (now := latest_read()) != latest:
            latest = now
            if not endpoint.policy.about and answer.status_code < 400:
                what = what or "reads about a person without saying so (about=)"
        if what:
            wrong.append(f"{endpoint.name} as {role}: {what}")
    assert latest_read() == latest, f"{role} read about a person without the right"
    print(
        f"\n{len(found) - len(wrong)} of {len(found)} addresses answered {role} as their policy says, {real} with real objects"
    )
    assert len(found) > 200
    assert not wrong, "\n".join(wrong)


def test_nobody_posts_without_the_right(world: World) -> None:
    """A POST with nothing in it is refused before anything is looked at: to a stranger, and to three roles without the permission, other ones
    for each address. (That the permission itself is asked of every role, the walk above shows for the same addresses.)"""
    guarded = [entry for entry in endpoints() if entry.policy.rule not in {"public", "signed_in"}]
    clients = {role: world.client(role) for role in ROLES} | {"nobody": Client(raise_request_exception=False)}
    wrong, asked = [], 0
    for place, endpoint in enumerate(guarded):
        without = [role for role in ROLES if role not in permissions()[endpoint.policy.rule].roles]
        for role in ["nobody", *(without[(place * 3 + n) % len(without)] for n in range(min(3, len(without))))]:
            status = clients[role].post(endpoint.address(world.samples.get(endpoint.name))).status_code
            asked += 1
            if status not in ({302, 405} if role == "nobody" else {403, 405}):
                wrong.append(f"{endpoint.name} as {role}: {status}")
    print(f"\n{asked - len(wrong)} of {asked} posts by a stranger or a role without the right refused")
    assert asked > 2 * len(guarded)
    assert not wrong, "\n".join(wrong)


def test_every_read_about_a_person_is_logged(world: World) -> None:
    """Each view that reads about a person answers somebody, and whoever it shows a person to stands in the read log."""
    paths = [endpoint for endpoint in endpoints() if endpoint.policy.about]
    wrong = {endpoint.name: what for endpoint in paths if (what := unlogged(endpoint, world))}
    print(f"\n{len(paths) - len(wrong)} of {len(paths)} read paths log")
    assert paths, "no view says that it reads about a person"
    assert not wrong, "\n".join(f"{name}: {what}" for name, what in wrong.items())


def unlogged(endpoint: Endpoint, world: World) -> str:
    """What is wrong with this read path; empty when some role is answered with a line, and none is shown a person without one."""
    refused, logged = [], 0
    # Who lacks the right is turned away before anything is read; test_every_address_as_every_role holds that.
    for role in (role for role in ROLES if has_right(endpoint, role)):
        answer, lines = first_look(endpoint, role, world)
        if answer.status_code >= 500:
            return f"{answer.status_code} as {role}: {_fault(answer)}"
        if answer.status_code >= 400:
            refused.append(f"{role} {answer.status_code}")
        elif not lines and shows_somebody(answer, world):
            return f"shows {role} a person without a line"
        logged += bool(lines) and answer.status_code < 400
    return "" if logged else f"answered nobody with a line (refused: {', '.join(refused)})"


def first_look(endpoint: Endpoint, role: str, world: World) -> tuple[HttpResponse, int]:
    """The answer to a role that asks for the first time today, and how many lines say that it was let in; leaves no trace."""
    client, before = world.client(role), connection.savepoint()
    for forget in world.afresh:
        forget()
    mine = ReadLog.objects.filter(account_id=world.accounts[role].id, allowed=True)
    earlier = mine.count()
    sample = world.samples.get(endpoint.name)
    address, posted = endpoint.address(sample), sample.post if sample else None
    answer = client.get(address) if posted is None else client.post(address, posted)
    lines = mine.count() - earlier
    connection.savepoint_rollback(before)
    return answer, lines


def shows_somebody(answer: HttpResponse, world: World) -> bool:
    """Whether a page names one of the samples' residents."""
    return not answer.streaming and any(name in answer.content.decode(errors="replace") for name in world.people)
