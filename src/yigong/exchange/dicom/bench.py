"""``./yigong bench imaging``: receiving and showing images beside Orthanc, same sender, same files, same run.

Both archives start empty below one temporary folder; rounds are interleaved so that a busy machine treats both alike, and the median round
counts. "Stored" means the sender has its success status and the archive's own index shows the images.
"""

import argparse
import ctypes
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import generate_uid

from yigong.core.testing import system_path

TUNED = {"TCP_NODELAY": "1", "TCP_BUFFER_LENGTH": "1048576"}
_SAMPLE = Path(pydicom.__file__).parent / "data" / "test_files" / "CT_small.dcm"
Row = tuple[str, float, float | None, str]


def main(arguments: list[str]) -> int:
    """Run the measurement and print a table."""
    options = _options(arguments)
    os.environ["PATH"] = system_path()
    if not shutil.which("storescu"):
        _say("需要 dcmtk 的 storescu(Debian:apt install dcmtk)。")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="yigong-bench-"))
    folder.chmod(0o755)
    _own_network()
    _heading(options)
    try:
        _measure(folder, options)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _own_network() -> None:
    """Orthanc listens on every interface: as root the whole run moves into a network namespace of its own first (Linux)."""
    libc, new_network = ctypes.CDLL(None), 0x40000000
    if os.geteuid() == 0 and shutil.which("ip") and libc.unshare(new_network) == 0:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="yigong bench imaging")
    parser.add_argument("--images", type=int, default=50, help="images per association and round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=512, help="rows and columns of an image")
    parser.add_argument("--processes", type=int, default=2, help="receiving processes of ours")
    return parser.parse_args(arguments)


def _measure(folder: Path, options: argparse.Namespace) -> list[Row]:
    with _ours(folder, options.processes) as ours, _neighbours(folder) as theirs:
        rows: list[Row] = []
        for title, environment, lanes in (
            ("1 个连接，默认", {}, 1), ("1 个连接，调优", TUNED, 1), ("4 个连接，默认", {}, 4), ("4 个连接，调优", TUNED, 4),
        ):  # fmt: skip
            mine: list[float] = []
            other: list[float] = []
            for number in range(options.rounds):
                sets = [
                    _make_set(folder / f"set-{lanes}-{number}-{lane}-{len(rows)}", options) for lane in range(lanes)
                ]
                wanted = options.images * lanes
                peers: list[tuple[Ours | Theirs, list[float]]] = [(ours, mine)]
                if theirs:
                    peers.append((theirs[environment == TUNED], other))
                for peer, rates in peers if number % 2 else reversed(peers):
                    before = peer.count()
                    rates.append(_rate(peer, environment, sets, wanted, before))
                for place in sets:
                    shutil.rmtree(place)
            rows.append(_tell((title, statistics.median(mine), statistics.median(other) if other else None, "张/秒")))
        rows += _retrieval(ours, theirs[0] if theirs else None, folder, options)
        return rows


class Ours:
    """Our server processes on a fresh cluster."""

    def __init__(self, folder: Path, port: int, web: int) -> None:
        self.folder, self.port, self.web, self.title, self.cookie = folder, port, web, "YIGONG", ""

    def count(self) -> int:
        """Images in the index."""
        from yigong.exchange.dicom.models import Instance

        return Instance.objects.count()


class Theirs:
    """An Orthanc."""

    def __init__(self, port: int, web: int) -> None:
        self.port, self.web, self.title = port, web, "ORTHANC"

    def count(self) -> int:
        """Images in its index."""
        return json.loads(_get(f"http://127.0.0.1:{self.web}/statistics"))["CountInstances"]


@contextmanager
def _ours(folder: Path, processes: int) -> Iterator[Ours]:
    from yigong.launch.postgres import Cluster

    cluster = Cluster(folder / "ours")
    cluster.start()
    os.environ.update(
        DATABASE_URL=cluster.url(), YIGONG_DATA=str(folder / "ours" / "data"), DJANGO_SETTINGS_MODULE="yigong.site.settings",
        YIGONG_SECRET=os.environ.get("YIGONG_SECRET") or "b" * 60, YIGONG_DICOM_UNKNOWN="quarantine", YIGONG_MODE="test",
    )  # fmt: skip
    (folder / "ours" / "data" / "static").mkdir(parents=True)
    import django
    from django.core.management import call_command
    from django.db import connections

    django.setup()
    call_command("migrate", verbosity=0)
    found = Ours(folder, _free_port(), _free_port())
    # The wire's costs are measured, not the test mode's: only static files and passwords differ in it.
    receiver = _start(
        [
            sys.executable,
            "-m",
            "yigong",
            "manage",
            "dicom_server",
            "--port",
            str(found.port),
            "--processes",
            str(processes),
        ]
    )
    site = _start(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(found.web), "--workers", "2",
         "--blocking-threads", "1", "--log-level", "error", "yigong.site.wsgi:application"]
    )  # fmt: skip
    try:
        _wait(found.port)
        _wait(found.web)
        found.cookie = _sign_in()
        yield found
    finally:
        for child in (receiver, site):
            child.terminate()
            child.wait(30)
        connections.close_all()
        cluster.stop()


def _sign_in() -> str:
    """A radiologist's session, made directly."""
    from datetime import timedelta

    from django.test import Client

    from yigong.access import api as access
    from yigong.core import clock
    from yigong.core.actor import system
    from yigong.network import api as network

    boss = system("bench")
    place = network.create_institution(code="BENCH", name="测量医院", level="county", category="A100", actor=boss)
    staff = network.create_staff(code="BENCH", name="测量", sex="1", actor=boss, institution_id=place.id)
    since = clock.today() - timedelta(days=1)
    network.assign_post(staff_id=staff.id, institution_id=place.id, role="radiologist", actor=boss, starts_on=since)
    made = access.create_account(
        username="bench", password="Qinghe-2026-xx", staff_id=staff.id, actor=boss, must_change_password=False
    )
    client = Client()
    answer = client.post("/access/login/", {"username": made.username, "password": "Qinghe-2026-xx"})
    assert answer.status_code == 302, answer.content.decode()
    return client.cookies["sessionid"].value


@contextmanager
def _neighbours(folder: Path) -> Iterator[list[Theirs]]:
    """Two Orthancs, plain and started with the tuned environment; none where the program is missing."""
    if not shutil.which("Orthanc"):
        _say("没有安装 Orthanc，只测自己。")
        yield []
        return
    started, found = [], []
    for number, environment in enumerate(({}, TUNED)):
        place = folder / f"orthanc-{number}"
        place.mkdir()
        peer = Theirs(_free_port(), _free_port())
        plugins = [path for path in ("/usr/share/orthanc/plugins",) if Path(path).exists()]
        (place / "orthanc.json").write_text(json.dumps({
            "StorageDirectory": str(place / "db"), "IndexDirectory": str(place / "db"), "HttpPort": peer.web, "DicomPort": peer.port,
            "DicomAet": "ORTHANC", "DefaultEncoding": "Utf8", "AuthenticationEnabled": False, "DicomAlwaysAllowStore": True,
            "RemoteAccessAllowed": False, "Plugins": plugins, "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
        }))  # fmt: skip
        with (place / "log").open("w") as log:
            started.append(
                subprocess.Popen(
                    ["Orthanc", str(place / "orthanc.json")], stdout=log, stderr=log, env={**os.environ, **environment}
                )
            )
        _wait(peer.web)
        found.append(peer)
    try:
        yield found
    finally:
        for child in started:
            child.terminate()
            child.wait(30)


def _rate(peer: Ours | Theirs, environment: dict[str, str], sets: list[Path], wanted: int, before: int) -> float:
    """Images per second from the first connection to the last image in the index."""
    begun = time.perf_counter()
    senders = [
        subprocess.Popen(
            ["storescu", "-aec", peer.title, "+sd", "127.0.0.1", str(peer.port), str(place)],
            env={**os.environ, **environment}, stdout=subprocess.DEVNULL,
        )
        for place in sets
    ]  # fmt: skip
    failed = [sender.wait(600) for sender in senders]
    while peer.count() < before + wanted:
        if time.perf_counter() - begun > 600 or any(failed):
            raise RuntimeError(f"{peer.title}: {peer.count() - before} of {wanted} images arrived")
        time.sleep(0.005)
    return wanted / (time.perf_counter() - begun)


def _retrieval(ours: Ours, theirs: Theirs | None, folder: Path, options: argparse.Namespace) -> list[Row]:
    """Medians over HTTP of one series of a hundred images: all headers, first frame, study search."""
    options = argparse.Namespace(**{**vars(options), "images": 100})
    place = _make_set(folder / "series", options)
    head = pydicom.dcmread(sorted(place.iterdir())[0], stop_before_pixels=True)
    peers: list[Ours | Theirs] = [ours, theirs] if theirs else [ours]
    for peer in peers:
        _rate(peer, TUNED, [place], 100, peer.count())
    time.sleep(2)
    _belongs_to_somebody(str(head.StudyInstanceUID))
    study = f"studies/{head.StudyInstanceUID}"
    series = f"{study}/series/{head.SeriesInstanceUID}"
    frame = f"{series}/instances/{head.SOPInstanceUID}/frames/1"
    rows: list[Row] = []
    for title, path, accept in (
        ("序列元数据（100 幅）p50", f"{series}/metadata", "application/dicom+json"),
        ("首帧 p50", frame, 'multipart/related; type="application/octet-stream"; transfer-syntax=*'),
        ("检查列表 p50", "studies?limit=20", "application/dicom+json"),
    ):
        mine = _median(lambda: _get(f"http://127.0.0.1:{ours.web}/dicomweb/{path}", accept, ours.cookie))  # noqa: B023
        root = f"http://127.0.0.1:{theirs.web}/dicom-web" if theirs else ""
        other = _median(lambda: _get(f"{root}/{path}", accept)) if theirs else None  # noqa: B023
        rows.append(_tell((title, mine * 1000, other * 1000 if other is not None else None, "毫秒")))
    return rows


def _belongs_to_somebody(uid: str) -> None:
    """Attach the study to a resident, as every study that a doctor reads is; its looks are decided and logged."""
    from datetime import date

    from yigong.core.actor import system
    from yigong.core.ids import new_id
    from yigong.exchange.dicom.models import Study, StudyAttachment
    from yigong.residents import api as residents

    given = residents.NewResident(name="测量甲", sex="1", birth_date=date(1960, 3, 8))
    person = residents.register_resident(given=given, actor=system("bench"))
    study = Study.objects.get(uid=uid)
    StudyAttachment.objects.create(
        study=study, order_id=new_id(), resident_id=person.resident.id, method="person", attached_by="bench"
    )
    Study.objects.filter(pk=study.pk).update(matching="matched", reason="")


def _median(act: Callable[[], bytes], times: int = 30) -> float:
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


def _get(url: str, accept: str = "*/*", cookie: str = "") -> bytes:
    request = urllib.request.Request(url, headers={"Accept": accept, "Cookie": f"sessionid={cookie}" if cookie else ""})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def _make_set(place: Path, options: argparse.Namespace) -> Path:
    """A fresh series of images, none of which either archive has seen."""
    place.mkdir()
    image = pydicom.dcmread(_SAMPLE)
    noise = np.random.default_rng().integers(0, 2000, options.size**2, dtype=np.int16)
    image.Rows = image.Columns = options.size
    image.StudyInstanceUID, image.SeriesInstanceUID = generate_uid(), generate_uid()
    if (0xFFFC, 0xFFFC) in image:
        del image[0xFFFC, 0xFFFC]
    for number in range(options.images):
        image.SOPInstanceUID = image.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        image.InstanceNumber = number + 1
        image.PixelData = np.roll(noise, number).tobytes()
        image.save_as(place / f"{number:04d}.dcm")
    return place


def _start(command: list[str]) -> subprocess.Popen:
    path = os.pathsep.join(sys.path)
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(port: int, seconds: float = 300) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _heading(options: argparse.Namespace) -> None:
    _say(
        f"影像：{options.size}×{options.size} CT，每连接 {options.images} 张，{options.rounds} 轮取中位；接收进程 {options.processes}"
    )
    _say("比值大于 1 表示医共更快。")
    _say(f"{'':<24}{'医共':>10}{'Orthanc':>12}{'比值':>8}")


def _tell(row: Row) -> Row:
    """One line as soon as it is known."""
    title, mine, other, unit = row
    ratio = "—" if not other else f"{mine / other if unit == '张/秒' else other / mine:.2f}×"
    _say(
        f"{title:<20}{mine:>10.1f} {unit}{(f'{other:.1f}' if other else '—'):>10}{ratio:>9}   负载 {os.getloadavg()[0]:.1f}"
    )
    return row
