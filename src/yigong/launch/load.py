"""Load on a local server with wrk, and the raw limit of SQL with pgbench: figures of the same run beside each other."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from yigong.launch.environment import LaunchError
from yigong.launch.postgres import programs

# Requests come from a file, a line each: method, path, body; every line is sent once per round, writes therefore once at all.
_SCRIPT = """
local lines, at, rounds = {{}}, 0, {rounds}
local cookie, token = "{cookie}", "{token}"
local bad, good = 0, 0
function init(args)
  for line in io.lines("{requests}") do lines[#lines + 1] = line end
  at = 0
end
function request()
  at = at + 1
  if at > #lines then
    if rounds == 1 then wrk.thread:stop() end
    at = 1
  end
  local method, path, body = lines[at]:match("^(%S+)\\t(%S+)\\t?(.*)$")
  local headers = {{ ["Cookie"] = cookie, ["Host"] = "{host}", ["X-CSRFToken"] = token, ["Referer"] = "http://{host}/" }}
  if method == "POST" then headers["Content-Type"] = "application/x-www-form-urlencoded" end
  return wrk.format(method, path, headers, body)
end
function response(status, headers, body)
  if status == {expected} then good = good + 1 else bad = bad + 1; last = status end
  wrk.thread:set("good", good); wrk.thread:set("bad", bad); wrk.thread:set("last", last or 0)
end
function delay() return {pause} == 0 and 0 or math.random({pause} / 2, {pause} * 3 / 2) end
local threads = {{}}
function setup(thread) threads[#threads + 1] = thread end
function done(summary, latency, requests)
  local good, bad, last = 0, 0, 0
  for _, thread in ipairs(threads) do
    good = good + (thread:get("good") or 0); bad = bad + (thread:get("bad") or 0)
    if (thread:get("last") or 0) ~= 0 then last = thread:get("last") end
  end
  io.write(string.format('JSON{{"good":%d,"bad":%d,"last":%d,"seconds":%f,"p50":%f,"p95":%f,"p99":%f}}\\n',
    good, bad, last, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(95) / 1e3,
    latency:percentile(99) / 1e3))
end
"""


@dataclass(frozen=True)
class Measured:
    """Good answers per second, latency in milliseconds, and how many answers were not as expected."""

    per_second: float
    p50: float
    p95: float
    p99: float
    good: int
    bad: int
    last_bad_status: int


@dataclass(frozen=True)
class Request:
    """One request to repeat; ``body`` is form-encoded."""

    path: str
    method: str = "GET"
    body: str = ""


def hammer(
    address: str,
    requests: Sequence[Request],
    *,
    cookie: str = "",
    token: str = "",
    users: int = 50,
    seconds: int = 6,
    expected: int = 200,
    once: bool = False,
    pause_ms: int = 0,
) -> Measured:
    """Send the requests over ``users`` kept-alive connections for some seconds, or until each was sent ``once``; ``pause_ms`` is the mean pause of a person."""
    wrk = _wrk()
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "requests.tsv")
        lines.write_text("".join(f"{r.method}\t{r.path}\t{r.body}\n" for r in requests), "utf-8")
        script = Path(folder, "load.lua")
        host = urlsplit(address).netloc
        fill = {
            "requests": lines,
            "cookie": cookie,
            "token": token,
            "host": host,
            "expected": expected,
            "pause": pause_ms,
        }
        script.write_text(_SCRIPT.format(**fill, rounds=1 if once else 0))
        command = [wrk, "-t1", f"-c{users}", f"-d{seconds}s", "-s", str(script), address]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [line for line in done.stdout.splitlines() if line.startswith("JSON")]
    if not found:
        raise LaunchError(f"wrk 没有给出结果：{done.stdout} {done.stderr}")
    said = json.loads(found[0][4:])
    rate = said["good"] / said["seconds"]
    return Measured(rate, said["p50"], said["p95"], said["p99"], said["good"], said["bad"], said["last"])


def raw_sql(url: str, statements: Sequence[str], *, clients: int = 8, seconds: int = 5) -> float:
    """Transactions per second of these statements through pgbench, prepared, on the same database."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as script:
        # pgbench reads ":name" as its own variable and "\\" as a command.
        script.write("\n".join(s.rstrip().rstrip(";") + ";" for s in statements))
        script.flush()
        command = [str(programs() / "pgbench"), "-n", "-M", "simple", "-c", str(clients), "-j", "2", "-T", str(seconds)]
        done = subprocess.run([*command, "-f", script.name, *_target(url)], capture_output=True, text=True, check=False)
    rates = [line for line in done.stdout.splitlines() if line.startswith("tps = ")]
    if not rates:
        raise LaunchError(f"pgbench 没有给出结果：{done.stderr[-2000:]}")
    return float(rates[0].split()[2])


def _target(url: str) -> list[str]:
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
    found = ["-h", unquote(host), "-U", unquote(parts.username or "")]
    return [*found, *(["-p", str(parts.port)] if parts.port else []), unquote(parts.path.lstrip("/"))]


def _wrk() -> str:
    if not shutil.which("wrk") and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-qy", "wrk"], check=False, capture_output=True)
    found = shutil.which("wrk")
    if not found:
        raise LaunchError("测量网页需要 wrk：请先安装（apt-get install wrk）。")
    return found
