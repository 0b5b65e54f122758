"""The browser's files that others made: committed copies checked against the lock, and the image viewer fetched on demand."""

# texts: data
import json
import logging
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import tomllib
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings

HERE = Path(__file__).resolve().parent
VENDOR = HERE / "static" / "ui" / "vendor"
_SOURCE_MAP = re.compile(rb"\n?/[/*]# sourceMappingURL=[^\n]*?(?:\*/)?\s*$")
_FETCH_SECONDS = 600
# Parts of the viewer that no page of ours opens: neural networks (136 MB) and whole-slide microscopy (20 MB).
_VIEWER_WITHOUT = ("ort", "dicom-microscopy-viewer")

log = logging.getLogger(__name__)


def versions() -> dict[str, dict[str, Any]]:
    """What is copied from which package, as ``vendor.toml`` says."""
    return tomllib.loads((HERE / "vendor.toml").read_text("utf-8"))


def copy_from(node_modules: Path) -> list[str]:
    """Copy the browser files out of ``node_modules`` and note versions and digests in ``vendor.toml`` (after ``npm ci``)."""
    lines, copied = [], []
    for name, entry in versions().items():
        if file := entry.get("file"):
            package = node_modules / entry["package"]
            content = _SOURCE_MAP.sub(b"", (package / file).read_bytes())
            (VENDOR / Path(file).name).write_bytes(content)
            entry |= {"version": json.loads((package / "package.json").read_text())["version"]}
            entry |= {"sha256": sha256(content).hexdigest()}
            copied.append(Path(file).name)
        lines += [f"[{name}]", *(f'{key} = "{value}"' for key, value in entry.items()), ""]
    (HERE / "vendor.toml").write_text("\n".join(lines), "utf-8")
    return copied


def ensure_ohif(target: Path | None = None) -> Path | None:
    """The OHIF viewer's files below ``target`` (by default in the data folder), fetched with npm the first time.

    Returns the folder to serve at ``/ohif/``, or None where npm is missing or the fetch fails: the server-rendered quick look remains.
    """
    entry = versions()["ohif"]
    target = target or settings.DATA / "ohif"
    stamp = target / ".version"
    if stamp.exists() and stamp.read_text() == entry["version"]:
        return target
    npm = shutil.which("npm")
    if not npm:
        return None
    with tempfile.TemporaryDirectory(prefix="yigong-ohif-") as folder:
        archive = _fetch(npm, entry, Path(folder))
        if archive is None:
            return None
        fresh = Path(folder) / "fresh"
        _unpack(archive, fresh)
        rebase(fresh)
        (fresh / "app-config.js").write_text(_VIEWER_CONFIG, "utf-8")
        (fresh / ".version").write_text(entry["version"])
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(fresh, target)
    return target


def _fetch(npm: str, entry: dict[str, Any], folder: Path) -> Path | None:
    """The package's archive, if it is the very one that was pinned."""
    command = [npm, "pack", "--json", "--silent", f"{entry['package']}@{entry['version']}"]
    environment = {**os.environ, "npm_config_update_notifier": "false"}
    try:
        said = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=_FETCH_SECONDS
        )
        packed = json.loads(said.stdout)[0]
    except (subprocess.SubprocessError, OSError, ValueError, LookupError) as fault:
        log.warning("影像浏览器未能下载，先用服务器端预览：%s", fault)
        return None
    if packed["integrity"] != entry["integrity"]:
        log.error("影像浏览器安装包与固定的版本不符，未安装：%s", packed["integrity"])
        return None
    return folder / packed["filename"]


def _unpack(archive: Path, target: Path) -> None:
    with tarfile.open(archive) as packed:
        for member in packed.getmembers():
            parts = Path(member.name).parts
            if parts[:2] != ("package", "dist") or not member.isfile() or set(_VIEWER_WITHOUT) & set(parts):
                continue
            member.name = str(Path(*parts[2:]))
            packed.extract(member, target, filter="data")


def rebase(folder: Path) -> None:
    """The viewer is built for a site's root; move its addresses below /ohif/."""
    page = folder / "index.html"
    page.write_text(re.sub(r'((?:href|src|content)=")/(?!/)', r"\1/ohif/", page.read_text("utf-8")), "utf-8")
    for bundle in folder.glob("*.js"):
        text = bundle.read_text("utf-8")
        moved = re.sub(r'(__webpack_require__\.p|\b\w\.p)\s*=\s*"/"', r'\1="/ohif/"', text)
        if moved != text:
            bundle.write_text(moved, "utf-8")


_VIEWER_CONFIG = """window.config = {
  routerBasename: '/ohif',
  extensions: [],
  modes: [],
  showStudyList: false,
  showLoadingIndicator: true,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: true,
  strictZSpacingForVolumeViewport: true,
  investigationalUseDialog: { option: 'never' },
  disableTours: true,
  disableConfirmationPrompts: true,
  maxNumberOfWebWorkers: 2,
  defaultDataSourceName: 'dicomweb',
  dataSources: [{
    namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
    sourceName: 'dicomweb',
    configuration: {
      friendlyName: '医共影像',
      name: 'yigong',
      wadoUriRoot: '/dicomweb',
      qidoRoot: '/dicomweb',
      wadoRoot: '/dicomweb',
      qidoSupportsIncludeField: false,
      imageRendering: 'wadors',
      thumbnailRendering: 'wadors',
      enableStudyLazyLoad: true,
      supportsFuzzyMatching: false,
      supportsWildcard: true,
      dicomUploadEnabled: false,
      omitQuotationForMultipartRequest: true,
    },
  }],
};
try { window.localStorage.setItem('i18nextLng', 'zh'); } catch (refused) { /* stays English */ }
"""
