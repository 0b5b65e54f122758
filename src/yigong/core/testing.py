"""Helpers for tests: real races on two connections, real child processes, examples of the documentation."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, connections


def system_path() -> str:
    """Where programs of the machine are looked for: pynetdicom brings some of the same names as dcmtk into our own environment."""
    ours = str(Path(sys.prefix) / "bin")
    return os.pathsep.join(part for part in os.environ.get("PATH", os.defpath).split(os.pathsep) if part != ours)


def chromium() -> str:
    """The browser of the tests: Chromium without a window where Debian has it as a program of its own (a third of the work), else the whole one."""
    light = "/usr/bin/chromium-headless-shell"
    return light if Path(light).exists() else "/usr/bin/chromium"


def race(*commands: Callable[[], Any]) -> list[Any]:
    """Run the commands at the same instant, each on its own database connection; results or exceptions in order.

    Needs ``@pytest.mark.django_db(transaction=True)``: rows made in a test transaction are not visible to other connections.
    """
    barrier = threading.Barrier(len(commands))
    outcomes: list[Any] = [None] * len(commands)

    def run(place: int, command: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            outcomes[place] = command()
        except Exception as refusal:  # noqa: BLE001 - the outcome under test
            outcomes[place] = refusal
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(commands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def overtakes(
    first: Callable[[], Any], second: Callable[[], Any], *, at: tuple[Any, str], patch: Any, seconds: float = 1
) -> tuple[Any, Any, bool]:
    """Stop ``first`` where it calls ``at`` (owner and name of a function) and run ``second`` beside it on its own connection.

    Returns both outcomes and whether the second came to its end while the first stood still. Where a lock lies between them it cannot:
    it waits, and the first goes on after so many seconds. A race that only a rare moment would show is shown each time.
    """
    owner, name = at
    real, stopped, ended = getattr(owner, name), threading.Event(), threading.Event()
    overtaken: list[bool] = []

    def stand(*args: Any, **kwargs: Any) -> Any:
        if not stopped.is_set():
            stopped.set()
            overtaken.append(ended.wait(seconds))
        return real(*args, **kwargs)

    def follow() -> Any:
        assert stopped.wait(30), f"the first never came to {name}"
        try:
            return second()
        finally:
            ended.set()

    patch.setattr(owner, name, stand)
    before, after = race(first, follow)
    return before, after, overtaken == [True]


# The ledgers refuse deletion by triggers, and tables refer to each other: neither is looked at in a replica's role.
_EMPTY = """
do $$
declare holding record;
begin
  set local session_replication_role = replica;
  for holding in
    select oid::regclass as name from pg_class
    where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0
      and relname not in ('django_migrations', 'django_content_type', 'auth_permission')
  loop
    execute format('delete from %s', holding.name);
  end loop;
end $$
"""


def empty_tables() -> None:
    """After a test whose rows were committed: empty the few tables that hold any.

    Django truncates every table of the project and fills its own anew, a second for each such test with three hundred tables.
    """
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)


def wait_for(ready: Callable[[], Any], seconds: float = 120) -> Any:
    """Ask until the answer is true and return it; for effects of another process. Fails loudly when it never comes."""
    end = time.monotonic() + seconds
    while not (answer := ready()):
        if time.monotonic() > end:
            raise AssertionError(f"nothing after {seconds} s: {ready}")
        time.sleep(0.02)
    return answer


@contextmanager
def process(*command: str, preload: str = "", **environment: str) -> Iterator[subprocess.Popen]:
    """A real child process of the product on the test database (``process("relay")``); killed at the end of the block.

    ``preload`` names a test's module to import first, e.g. for its event handlers or jobs.
    """
    name = connection.settings_dict["NAME"]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    code = (
        "import django, importlib; django.setup()\n"
        f"importlib.import_module({preload or 'django'!r})\n"
        f"from django.core.management import call_command; call_command(*{command!r})"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "DATABASE_URL": url, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def run_examples(readme: Path) -> int:
    """Run the Python examples of a README, in order and in one namespace; returns how many there were."""
    blocks = re.findall(r"^```python\n(.*?)^```", readme.read_text(), re.S | re.M)
    space: dict[str, Any] = {"__name__": "readme_example"}
    for block in blocks:
        exec(compile(block, str(readme), "exec"), space)
    return len(blocks)
