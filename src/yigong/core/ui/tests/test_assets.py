"""Copied files are the ones the lock names, and a page stays light."""

import json
from hashlib import sha256
from pathlib import Path

import brotli

from yigong.core.ui import assets

LOCK = json.loads((Path(__file__).resolve().parents[5] / "package-lock.json").read_text())["packages"]
UI = assets.HERE / "static" / "ui"


def test_committed_files_match_the_lock() -> None:
    """Each copied file has the digest noted for it and the version of the lock, and its licence lies beside it."""
    copied = {name: entry for name, entry in assets.versions().items() if "file" in entry}
    for name, entry in copied.items():
        content = (assets.VENDOR / Path(entry["file"]).name).read_bytes()
        assert sha256(content).hexdigest() == entry["sha256"], name
        assert LOCK[f"node_modules/{entry['package']}"]["version"] == entry["version"]
        assert (assets.VENDOR / "licences" / f"{name}.txt").stat().st_size > 300
    print(f"\n{len(copied)} of {len(copied)} copied files match the lock")


def test_first_load_is_light() -> None:
    """What an ordinary page loads the first time, compressed; charts come only where there are some."""
    names = ["vendor/tabler.min.css", "vendor/htmx.min.js", "ui.css", "ui.js", "icons.svg", "mark.svg"]
    size = sum(len(brotli.compress((UI / name).read_bytes())) for name in names)
    print(f"\nfirst load {size // 1000} kB compressed")
    assert size < 150_000


def test_viewer_is_moved_below_its_own_path(tmp_path: Path) -> None:
    """Addresses from the site's root move; addresses of other sites stay."""
    (tmp_path / "index.html").write_text('<link href="/app.css"><script src="/app.js"></script><a href="//x.example/">')
    (tmp_path / "app.js").write_text('__webpack_require__.p = "/";')
    assets.rebase(tmp_path)
    assert (tmp_path / "index.html").read_text().count('="/ohif/') == 2
    assert (tmp_path / "app.js").read_text() == '__webpack_require__.p="/ohif/";'
