"""One picture per role for the docs: ``python -m tests.acceptance.shots http://127.0.0.1:8000 docs/images/roles`` on a running demo."""

import sys
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.acceptance.conftest import PASSWORD
from yigong.core.testing import chromium

# Where each role spends its day.
ROLES = {
    "cunyi": "/",
    "quanke": "/",
    "weishengyuan": "/indicators/",
    "hushi": "/",
    "jishi": "/",
    "guahao": "/residents/?q=wang",
    "zhuanke": "/referrals/",
    "yingxiang": "/orders/imaging/worklist/",
    "shenhe": "/orders/imaging/worklist/",
    "xindian": "/orders/ecg/worklist/",
    "jianyan": "/",
    "jianyi": "/orders/laboratory/worklist/",
    "bingliji": "/pathology/bench/",
    "bingli": "/orders/pathology/worklist/",
    "binglishen": "/pathology/figures/",
    "xiaodu": "/sterile/",
    "diaodu": "/emergency/desk/",
    "jijiu": "/emergency/mine/",
    "wuliu": "/logistics/",
    "siji": "/logistics/drive/",
    "zhuanzhen": "/referrals/",
    "zongzhiban": "/",
    "zhusuoyin": "/residents/desk/",
    "yaoshi": "/",
    "yibao": "/benefits/",
    "zhikong": "/indicators/",
    "yuanzhang": "/indicators/",
    "weijian": "/indicators/",
    "guanli": "/dicom/nodes/",
}


def main(address: str, folder: Path) -> None:
    """Sign in as each role and keep what it sees, in 128 colours."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for username, path in ROLES.items():
            context = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768})
            page = context.new_page()
            _sign_in(page, address, username)
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(800)  # charts draw themselves
            _keep(page.screenshot(), folder / f"{username}.png")
            context.close()
        browser.close()


def _sign_in(page: Page, address: str, username: str) -> None:
    page.goto(address + "/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(address + "/")


def _keep(picture: bytes, path: Path) -> None:
    Image.open(BytesIO(picture)).convert("RGB").quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"), Path(sys.argv[2]))
