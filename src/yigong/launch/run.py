"""``./yigong run``: from nothing to a page one can sign in to, and everything kept alive until Ctrl-C."""

import argparse
import json
import os
import shutil
import socket
import sys
import time
import unicodedata
import urllib.error
import urllib.request
from pathlib import Path

from yigong.launch import environment
from yigong.launch.environment import LaunchError
from yigong.launch.postgres import Cluster
from yigong.launch.supervisor import Child, Database, Supervisor, python, say

SCALES = ("small", "town", "county", "none")
_OURS = ("pg", "secret", "owner.lock")
# What devices connect to: the setting and the customary port (DICOM's registered one; HL7 has none of its own).
DEVICE_PORTS = {"影像接收": ("YIGONG_DICOM_PORT", 11112), "仪器接收": ("YIGONG_HL7_PORT", 2575)}


def main(arguments: list[str]) -> int:
    """Parse the options, bring the platform up, supervise it; returns when it was asked to stop."""
    options = _options(arguments)
    folder = environment.data_folder(options.data)
    check_port(options.host, options.port)
    environment.settle(folder)
    cluster = environment.embedded(folder)
    if options.reset:
        reset(folder, cluster)
    begin = time.monotonic()
    supervisor = Supervisor([])
    supervisor.listen()
    try:
        return _serve(options, folder, cluster, supervisor, begin)
    finally:
        supervisor.stop()
        if cluster:
            cluster.stop()


def _serve(
    options: argparse.Namespace, folder: Path, cluster: Cluster | None, supervisor: Supervisor, begin: float
) -> int:
    if cluster:
        print("· 启动数据库 …", flush=True)
        cluster.start()
        os.environ["DATABASE_URL"] = cluster.url()
        supervisor.children.append(Database(cluster))
    prepared = _prepared(folder, options.scale, supervisor, kept=cluster is not None)
    if prepared is None:
        return 1
    simulator = simulate_insurance(folder, options) if options.scale != "none" else []
    web, *others = [*children(options.host, options.port, prepared["commands"]), *simulator]
    supervisor.children.append(web)
    address = f"http://{'127.0.0.1' if options.host == '0.0.0.0' else options.host}:{options.port}/"

    def welcome() -> None:
        # The pages first: on two cores the others would make people wait for what they do not look at yet.
        device_ports()
        supervisor.add(others)
        greet(address, prepared["logins"], time.monotonic() - begin)

    supervisor.run(ready=lambda: answers(address + "health/"), on_ready=welcome)
    print("\n正在停止 …", flush=True)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("./yigong run", description="启动整个平台 (start the whole platform)")
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="网页端口，默认 8000")
    parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认只供本机访问（局域网用 0.0.0.0）")
    parser.add_argument("--data", help="数据目录，默认 .yigong/data")
    parser.add_argument("--scale", choices=SCALES, default="small", help="演示县规模；none 为不装演示数据")
    parser.add_argument("--reset", action="store_true", help="先清空数据目录再启动")
    options = parser.parse_args(arguments)
    if environment.is_production():
        options.scale = "none"
        os.environ.setdefault("YIGONG_PACKS", "national")
    return options


def check_port(host: str, port: int) -> None:
    """Refuse early when the port is taken."""
    try:
        _bind(host, port)
    except PermissionError:
        raise LaunchError(f"没有权限使用端口 {port}：请用 --port 换一个大于 1023 的端口。") from None
    except OSError:
        raise LaunchError(f"端口 {port} 已被占用：请停掉占用它的程序，或用 --port 换一个端口。") from None


def device_ports() -> None:
    """Of two demos on one machine the second gets the next free ports for devices, and says so. A real installation keeps the ports that its
    devices are set to: there the service itself tells what is wrong."""
    if environment.is_production():
        return
    for label, (name, first) in DEVICE_PORTS.items():
        if name in os.environ:
            continue
        port = next(filter(_is_free, range(first, first + 20)), first)
        os.environ[name] = str(port)
        if port != first:
            print(f"· 端口 {first} 已被占用，{label}改用 {port}", flush=True)


def _is_free(port: int) -> bool:
    try:
        _bind("127.0.0.1", port)
    except OSError:
        return False
    return True


def _bind(host: str, port: int) -> None:
    """Take the port and give it back; an OSError when somebody has it."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def reset(folder: Path, cluster: Cluster | None) -> None:
    """Empty the data folder of a demo; refuses anything that is not ours, in use, or production."""
    if environment.is_production() or cluster is None:
        raise LaunchError("--reset 只用于内置数据库的演示环境；外部数据库请由管理员自行清空。")
    if folder.exists() and any(folder.iterdir()) and not any((folder / name).exists() for name in _OURS):
        raise LaunchError(f"{folder} 不像是本平台的数据目录，没有清空。")
    if cluster.is_running():
        raise LaunchError(f"数据目录 {folder} 正在使用中：请先停止正在运行的平台，再用 --reset。")
    shutil.rmtree(folder, ignore_errors=True)
    environment.kept_secret(_made(folder) / "secret")
    os.environ["YIGONG_SECRET"] = (folder / "secret").read_text()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _prepared(folder: Path, scale: str, supervisor: Supervisor, *, kept: bool) -> dict | None:
    """What the preparation says; with a database of our own (``kept``) an unchanged program needs none."""
    result, mark = _made(folder) / "prepared.json", f"{scale} {environment.fingerprint()}"
    if kept and (known := _kept(result, mark)):
        print("· 程序与定义没有变化，直接启动 …", flush=True)
        return known
    # A process of its own, so that the supervisor stays small and without Django.
    status = supervisor.run_once(Child("准备", python("-m", "yigong.launch.prepare", str(result), scale)))
    if status != 0:
        say("已中断。" if status is None else "准备没有完成，原因见上。改正后再运行一次会接着做。")
        return None
    prepared = json.loads(result.read_text())
    result.write_text(json.dumps({**prepared, "mark": mark}, ensure_ascii=False))
    return prepared


def _kept(result: Path, mark: str) -> dict | None:
    """The last preparation when it ended and was made from the same program."""
    try:
        known = json.loads(result.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return known if known.get("mark") == mark else None


def children(host: str, port: int, commands: list[str]) -> list[Child]:
    """The programs of a whole platform; one whose command is not installed is left out."""
    workers = os.environ.get("YIGONG_WEB_WORKERS") or str(min(os.cpu_count() or 1, 8))
    web = ["-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", workers]
    web += ["--blocking-threads", "1", "--backlog", "2048", "--respawn-failed-workers", "--workers-kill-timeout", "5"]
    web += ["--log-level", "warning", "yigong.site.wsgi:application"]
    found = [Child("网页服务", python(*web))]
    wanted = [("消息与时钟", ["relay"]), ("影像接收", ["dicom_server"]), ("仪器接收", ["hl7_server"])]
    wanted.append(("后台任务", ["worker"] if "worker" in commands else ["procrastinate", "worker"]))
    found += [
        Child(label, python("-m", "yigong", "manage", *command)) for label, command in wanted if command[0] in commands
    ]
    if "assets" in commands and shutil.which("npm") and os.environ.get("YIGONG_VIEWER") != "skip":
        # Beside everything else: about 50 MB at the first start, nothing later.
        found.append(Child("完整阅片器", python("-m", "yigong", "manage", "assets", "--quiet"), once=True))
    return found


def simulate_insurance(folder: Path, options: argparse.Namespace) -> list[Child]:
    """The simulator of the insurance platform beside a demo, unless a platform is named (or ``YIGONG_NHSA_ADDRESS`` is ``none``)."""
    named = os.environ.get("YIGONG_NHSA_ADDRESS")
    if named is not None or environment.is_production():
        if named == "none":
            os.environ["YIGONG_NHSA_ADDRESS"] = ""
        return []
    port = int(os.environ.get("YIGONG_NHSA_PORT") or options.port + 700)
    os.environ.update(YIGONG_NHSA_ADDRESS=f"http://127.0.0.1:{port}/", YIGONG_NHSA_SIMULATED="1")
    command = (
        "-m",
        "yigong.exchange.nhsa.simulator",
        "--port",
        str(port),
        "--folder",
        str(folder / "insurance-simulator"),
    )
    return [Child("医保平台模拟器", python(*command))]


def answers(address: str) -> bool:
    """Whether the web server answers this address with 200."""
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def greet(address: str, logins: list[dict], seconds: float) -> None:
    """The address and, in a demo, one login per role."""
    print(f"\n平台已启动，用时 {seconds:.1f} 秒。请用浏览器打开：{address}", flush=True)
    if logins:
        print("演示账号（仅演示环境有效）：")
        rows = [("角色", "用户名", "密码", "机构")]
        rows += [(x["role"], x["username"], x["password"], x["institution"]) for x in logins]
        widths = [max(_width(row[i]) for row in rows) for i in range(4)]
        for row in rows:
            print("  " + "  ".join(cell + " " * (w - _width(cell)) for cell, w in zip(row, widths, strict=True)))
    print("按 Ctrl-C 停止；再次启动会保留数据。", flush=True)


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
