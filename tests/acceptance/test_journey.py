"""The county's main job, driven in a real Chromium: village, township, county, and back; the image comes from a device by DICOM."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from random import randrange

import pydicom
import pytest
from playwright.sync_api import Browser, Page, expect
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from tests.acceptance.conftest import PASSWORD
from tests.acceptance.platform import Platform
from yigong.core.testing import chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(chromium()).exists(), reason="Chromium is not installed"),
    pytest.mark.skipif(not shutil.which("storescu"), reason="dcmtk is not installed"),
]
Enter = Callable[[str], Page]
RESULTS = Path(__file__).resolve().parents[2] / "test-results"
_KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")


@pytest.fixture
def enter(platform: Platform, browser: Browser) -> Iterator[Enter]:
    """Sign in as a role, each in a browser window of its own; a script error anywhere fails the test."""
    faults: list[str] = []
    pages: list[Page] = []

    def as_role(username: str) -> Page:
        context = browser.new_context(base_url=platform.url, locale="zh-CN", viewport={"width": 1366, "height": 768})
        page = context.new_page()
        page.set_default_timeout(60_000)
        pages.append(page)
        page.on("pageerror", lambda error: faults.append(f"{username} {page.url}: {error}"))
        page.goto("/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{platform.url}/")
        return page

    yield as_role
    for number, page in enumerate(pages):
        page.screenshot(path=RESULTS / f"journey-{number}.png")
    assert not faults


def test_one_resident_through_village_township_and_county(platform: Platform, enter: Enter, tmp_path: Path) -> None:
    """A blood pressure of 186/112 in the village goes up, is read, treated and handed back down, every step by its own person."""
    village, township, director = enter("cunyi"), enter("quanke"), enter("yuanzhang")
    before = figures(director)
    resident, name = records_high_pressure(village, township)
    referral = refers_up(village)
    if village.get_by_text("待本院审核").count():
        approve(enter("weishengyuan"), referral)
    order, accession = orders_chest_film(township, resident)
    technician = enter("jishi")
    begins_examination(technician, order)
    device = add_device(enter("guanli"), "云阳")
    device_takes_picture(platform, device, accession, tmp_path)
    finishes_examination(technician, order)
    radiologist = enter("yingxiang")
    reads(radiologist, order, accession)
    signs(enter("shenhe"), order)
    answers_critical_value(township, order, name)
    sees_report(village, resident)
    office = enter("zhuanzhen")
    accepts(office, referral)
    arrives(office, referral, name)
    specialist = enter("zhuanke")
    treats(specialist, referral)
    assert_later(lambda: finds_task(village, name), village)
    down = refers_down(specialist, referral, "云阳镇中心")
    assert down != referral
    closes_the_loop(township, down)
    closes_the_first_referral(village, referral)
    assert_later(lambda: grew(director, before), director, tries=180)  # counted every half minute
    opens_rows(director)
    sees_who_looked(village, resident)


def records_high_pressure(page: Page, township: Page) -> tuple[str, str]:
    """The village doctor finds a resident by name and records a visit; the national threshold speaks up."""
    page.goto("/residents/?q=wang")
    links = page.locator("main a[href*='/records/']").all()
    # One whom the township's doctor looks after too, as the contract team does.
    link = next(a for a in links[randrange(12) :] if may_order(township, a.get_attribute("href")))
    name = link.inner_text().strip()
    link.click()
    page.wait_for_url("**/records/*/")
    resident = _KEY.search(page.url)[0]
    page.goto(f"/records/{resident}/visit/")
    page.fill("[name=complaint]", "头痛、头晕两天")
    page.fill("[name=sbp]", "186")
    page.fill("[name=dbp]", "112")
    page.locator("[name=dbp]").press("Tab")
    expect(page.locator("main")).to_contain_text("转诊")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(lambda url: "/visit/" not in url)
    expect(page.locator("main")).to_contain_text("186")
    page.goto(f"/referrals/new/?resident={resident}")
    return resident, name


def may_order(page: Page, address: str) -> bool:
    """Whether this person may ask for an examination of this resident."""
    return page.request.get(f"/orders/imaging/new/{_KEY.search(address)[0]}/").ok


def refers_up(page: Page) -> str:
    """The request form knows the resident, the county hospital and its free places."""
    page.wait_for_load_state("networkidle")
    page.locator("[name=urgency][value=urgent]").check()
    page.get_by_label(re.compile(r"^\s*内科")).first.check()
    if page.locator("[name=skip_reason]").count():
        page.fill("[name=skip_reason]", "血压达到紧急转诊标准，乡镇无专科")
    choose(page, "diagnosis_code", "高血压")
    page.locator("[name=reason_code]").select_option(index=1)
    page.fill("[name=reason]", "血压 186/112 mmHg,头痛头晕，请上级医院处理。")
    page.get_by_role("button", name="提交", exact=False).first.click()
    page.wait_for_url(re.compile(r"/referrals/[0-9a-f-]{36}/"))
    return _KEY.search(page.url)[0]


def approve(page: Page, referral: str) -> None:
    """The village's managing centre approves."""
    page.goto(f"/referrals/{referral}/")
    act(page, "approve", {})


def orders_chest_film(page: Page, resident: str) -> tuple[str, str]:
    """The township doctor asks the county's imaging centre to read a chest film taken here."""
    page.goto(f"/orders/imaging/new/{resident}/")
    choose(page, "pick", "胸部正")
    page.fill("[name=diagnosis]", "咳嗽待查")
    page.fill("[name=purpose]", "排除肺部感染")
    page.fill("[name=symptoms]", "咳嗽一周")
    if page.locator("[name=pregnancy]").count():
        page.locator("[name=pregnancy][value=no]").check()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state("networkidle")
    refusal = page.locator("main .y-errors")
    if refusal.count():  # Somebody examined the same lately: the doctor says why again.
        assert "理由" in refusal.inner_text(), refusal.inner_text()
        page.locator("[name=repeat_reason_code]").select_option(index=1)
        page.fill("[name=override_reason]", "症状加重，需要复查对比。")
        page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}/$"))
    order = _KEY.search(page.url)[0]
    return order, re.search(r"检查号\s*(\w+)", page.locator("main").inner_text())[1]


def begins_examination(page: Page, order: str) -> None:
    """Received, checked in, begun: one button each."""
    page.goto(f"/orders/{order}/")
    for label in ("接收", "登记到检", "开始检查"):
        button = page.get_by_role("button", name=label, exact=True)
        if button.count():
            button.first.click()
            page.wait_for_load_state("networkidle")
    expect(page.locator("main h1")).to_contain_text("执行登记")


def add_device(page: Page, place: str) -> str:
    """The administrator enters the township's X-ray machine; its AE title."""
    title = f"DR{randrange(10**8)}"
    page.goto("/dicom/nodes/new/")
    page.fill("[name=title]", title)
    page.fill("[name=name]", "云阳 DR")
    choose(page, "institution_id", place)
    for box in ("may_store", "may_worklist"):
        page.locator(f"[name={box}]").check()
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_url(lambda url: not url.endswith("/new/"))
    return title


def device_takes_picture(platform: Platform, device: str, accession: str, folder: Path) -> None:
    """The machine fetches its worklist, puts what it says into a real image, and sends that."""
    peer = ["-aet", device, "-aec", "YIGONG", "127.0.0.1", str(platform.dicom_port)]
    keys = (
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        f"AccessionNumber={accession}",
        "StudyInstanceUID",
    )
    options = [part for key in keys for part in ("-k", key)]
    run = partial(subprocess.run, check=True, capture_output=True, timeout=120)
    run(["findscu", "-W", "-X", "-od", str(folder), *options, *peer])
    (entry,) = [pydicom.dcmread(path, force=True) for path in folder.glob("rsp*.dcm")]
    image = pydicom.dcmread(get_testdata_file("CT_small.dcm"))
    image.SpecificCharacterSet = entry.get("SpecificCharacterSet", "ISO_IR 192")
    for word in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyInstanceUID"):
        setattr(image, word, entry[word].value)
    image.Modality = "DX"
    image.SeriesInstanceUID, image.SOPInstanceUID = generate_uid(), generate_uid()
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.save_as(folder / "film.dcm")
    run(["storescu", *peer, str(folder / "film.dcm")])


def finishes_examination(page: Page, order: str) -> None:
    """What was done is written down."""
    page.goto(f"/orders/{order}/perform/")
    page.get_by_label("甲级").check()
    page.get_by_role("button", name="完成检查").click()
    expect(page.locator("main")).to_contain_text("检查完成")


def reads(page: Page, order: str, accession: str) -> None:
    """The radiologist claims the case, sees its pixels, reports a critical finding and writes the report."""
    assert_later(lambda: open_case(page, accession), page)
    page.get_by_role("button", name="认领").first.click()
    page.wait_for_load_state("networkidle")
    page.goto(f"/orders/{order}/report/")
    shows_pixels(page)
    page.get_by_role("link", name="上报危急值").click()
    page.locator("[name=item]").select_option(index=1)
    page.fill("[name=detail]", "左侧气胸，肺压缩约 70%")
    page.get_by_role("button", name="确认上报危急值").click()
    page.wait_for_load_state("networkidle")
    page.goto(f"/orders/{order}/report/")
    for part in page.locator("textarea[name^=s_]").all():
        part.fill("左侧胸腔见无肺纹理区，肺压缩约 70%，纵隔居中。")
    page.fill("[name=impression]", "左侧气胸")
    page.locator("[name=positive][value=yes]").check()
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_load_state("networkidle")


def open_case(page: Page, accession: str) -> bool:
    """Whether the case waits in the reading list."""
    page.goto(f"/orders/imaging/worklist/?q={accession}")
    return page.get_by_text(accession).count() > 0


def shows_pixels(page: Page) -> None:
    """The picture beside the report is really painted: its grey values differ."""
    frame = page.frame_locator("iframe.o-frame") if page.locator("iframe.o-frame").count() else page
    picture = frame.locator("img[src*='/dicom/']").first
    expect(picture).to_be_visible()
    spread = picture.evaluate(
        """async (img) => {
            await img.decode();
            const canvas = document.createElement("canvas");
            canvas.width = img.naturalWidth; canvas.height = img.naturalHeight;
            const pen = canvas.getContext("2d");
            pen.drawImage(img, 0, 0);
            const grey = pen.getImageData(0, 0, canvas.width, canvas.height).data.filter((_, i) => i % 4 === 0);
            return Math.max(...grey) - Math.min(...grey);
        }"""
    )
    assert spread > 50


def signs(page: Page, order: str) -> None:
    """A second doctor signs."""
    page.goto(f"/orders/{order}/report/")
    page.get_by_role("button", name="审核发布").click()
    page.wait_for_load_state("networkidle")
    page.goto(f"/orders/{order}/")
    expect(page.locator("main")).to_contain_text("左侧气胸")
    expect(page.locator("main")).to_contain_text("签名摘要")


def answers_critical_value(page: Page, order: str, name: str) -> None:
    """The requesting doctor stops the clock and says what was done."""
    page.goto(f"/orders/{order}/")
    page.locator("a[href*='/orders/critical/']").first.click()
    page.locator("[name=read_back]").check()
    page.locator("form:has([value=acknowledge]) button").last.click()
    page.wait_for_load_state("networkidle")
    page.locator("[name=measure]").select_option(index=1)
    for area in page.locator("form:has([name=measure]) textarea").all():
        area.fill("已联系转运，氧疗观察。")
    page.locator("form:has([name=measure]) button").last.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("main")).to_contain_text("已处置")


def sees_report(page: Page, resident: str) -> None:
    """The report is in the record at once, for the village too."""
    assert_later(lambda: "左侧气胸" in timeline(page, resident), page)


def timeline(page: Page, resident: str) -> str:
    """The text of the resident's timeline."""
    page.goto(f"/records/{resident}/")
    return page.locator("main").inner_text()


def accepts(page: Page, referral: str) -> None:
    """The hospital's referral office accepts with the place that was asked for."""
    page.goto(f"/referrals/{referral}/")
    act(page, "accept", {"doctor": "方立新"})
    expect(page.locator("main")).to_contain_text("已接收")


def arrives(page: Page, referral: str, name: str) -> None:
    """At the desk: two identifiers, fast lane."""
    page.goto(f"/referrals/{referral}/")
    number = re.search(r"转诊单号\s*(\w+)", page.locator("main").inner_text())[1]
    page.goto(f"/referrals/desk/?referral={referral}")
    page.fill("[name=name]", name)
    page.fill("[name=identifier]", number)
    page.get_by_role("button", name="登记到诊").click()
    page.wait_for_load_state("networkidle")


def treats(page: Page, referral: str) -> None:
    """The specialist treats and tells the sender what came of it."""
    page.goto(f"/referrals/{referral}/")
    act(page, "treat", {})
    page.goto(f"/referrals/{referral}/")
    act(
        page,
        "feed_back",
        {"outcome_code": "2", "summary_text": "降压治疗后平稳。", "plan": "氨氯地平 5mg 每日一次，两周复查。"},
    )
    expect(page.locator("main")).to_contain_text("降压治疗后平稳")


def finds_task(page: Page, name: str) -> bool:
    """The summary has reached the village doctor: the follow-up stands in the own to-do list."""
    page.goto("/tasks/")
    return page.locator("main").get_by_text(name).count() > 0


def refers_down(page: Page, referral: str, place: str) -> str:
    """The specialist hands the patient back to the township with a plan."""
    page.goto(f"/referrals/{referral}/down/")
    choose(page, "to_institution_id", place)
    page.wait_for_load_state("networkidle")
    for field in page.locator("main textarea:visible").all():
        if not field.input_value():
            field.fill("血压平稳，按方案服药，两周复查；头痛加重随时就诊。")
    page.locator("main form button[type=submit]:visible").first.click()
    page.wait_for_url(lambda url: not url.endswith("/down/"))
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main")).to_contain_text(place)
    return _KEY.search(page.url)[0]


def closes_the_loop(page: Page, referral: str) -> None:
    """The township accepts, makes the first visit, carries the plan out and closes."""
    page.goto(f"/referrals/{referral}/")
    act(page, "accept", {})
    act(page, "first_visit", {"note": "血压 138/86 mmHg,规律服药，无不适。"})
    act(
        page,
        "feed_back",
        {"outcome_code": "1", "summary_text": "血压平稳。", "plan": "继续服药，纳入高血压随访。"},
    )
    act(page, "follow_up", {"note": "血压 132/84 mmHg。"})
    act(page, "close", {})
    expect(page.locator("main")).to_contain_text("已办结")


def closes_the_first_referral(page: Page, referral: str) -> None:
    """The village doctor follows the specialist's plan and closes the referral."""
    page.goto(f"/referrals/{referral}/")
    act(page, "follow_up", {"note": "血压 134/82 mmHg,知道危险信号。"})
    act(page, "close", {})
    expect(page.locator("main")).to_contain_text("已办结")


def figures(page: Page) -> dict[str, int]:
    """Visits, completed referrals and reports of this month in the whole county, from the page of each indicator."""
    found = {}
    for code in ("visits", "referral-completion", "reports"):
        page.goto(f"/indicators/{code}/")
        told = page.locator(".y-figure", has_text="分子").locator(".y-figure-value").inner_text()
        found[code] = int(told.replace(",", ""))
    return found


def grew(page: Page, before: dict[str, int]) -> bool:
    """Every one of the three figures has changed by this journey."""
    now = figures(page)
    return all(now[code] > then for code, then in before.items())


def opens_rows(page: Page) -> None:
    """A figure opens its rows, as many as it says."""
    reports = figures(page)["reports"]
    page.locator("a.y-figure", has_text="分子").click()
    page.wait_for_url("**/indicators/reports/rows/numerator/**")
    expect(page.locator("main")).to_contain_text(f"共 {reports:,} 条")


def sees_who_looked(page: Page, resident: str) -> None:
    """The resident's page says who opened the file, and on what basis."""
    page.goto(f"/access/reads/{resident}/")
    for who in ("县医院", "云阳镇中心卫生院"):
        expect(page.locator("main")).to_contain_text(who)


def act(page: Page, action: str, fields: dict[str, str]) -> None:
    """Fill one of the offered steps and send it."""
    offer = page.locator(f"#do-{action}")
    if not offer.evaluate("element => element.open"):
        offer.locator("summary").click()
    for field, value in fields.items():
        control = offer.locator(f"[name={field}]")
        if control.evaluate("element => element.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    offer.locator("button.btn").last.click()
    page.wait_for_load_state("networkidle")


def choose(page: Page, field: str, text: str) -> None:
    """Type into a picker and take the first thing it offers that says so (before the answer comes it offers everything)."""
    box = page.locator(f"[name={field}__text]")
    box.click()
    box.fill("")
    box.press_sequentially(text, delay=30)
    option = page.locator("[role=option]:visible", has_text=text).first
    option.wait_for()
    option.click()


def assert_later(condition: Callable[[], bool], page: Page, tries: int = 60) -> None:
    """What follows from an event comes a moment later."""
    for _ in range(tries):
        if condition():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"it did not come about: {page.url}\n{page.locator('main').inner_text()[:2000]}")
