"""``./yigong bench NAME``: measurements that live with the rooms they measure."""

import sys
from importlib import import_module
from importlib.util import find_spec

# name → (module with main(arguments) -> exit status, what it measures)
BENCHES = {
    "web": ("yigong.launch.bench_web", "网页：五个典型页面与接口 (pages)"),
    "pages": ("yigong.launch.bench_pages", "网页：每个岗位菜单上的全部页面，最慢的在前 (every page)"),
    "matching": ("yigong.residents.matching.bench", "人员比对：准确与速度，与 Splink 并列 (record linkage)"),
    "imaging": ("yigong.exchange.dicom.bench", "影像：接收、入库、首帧 (images)"),
    "centres": ("yigong.exchange.hl7v2.bench", "检验中心：仪器报文到发布，工作列表 (laboratory)"),
    "drg": ("yigong.insurance.grouping.bench", "疾病分组：每秒病例数 (disease groups)"),
    "protection": (
        "yigong.residents.bench_protection",
        "保护：住址加密的代价、更换密钥的速度 (sealing and key rotation)",
    ),
    "settlement": ("yigong.insurance.settlement.bench", "医保结算：每秒计算数、入库到账本 (settlements)"),
    "benefits": ("yigong.insurance.benefits.bench", "医保待遇：每秒结算数、全年重算 (settlements of a year again)"),
    "what-if": ("yigong.insurance.budget.bench", "政策试算：县域一年的结算按改动的方案重算 (a year settled again)"),
    "residents": ("yigong.residents.bench", "居民：查找与建档时比对 (search and match on create)"),
    "programmes": ("yigong.programmes.bench", "公卫方案：候选、到期、指标，三年模拟 (programmes)"),
    "takeon": ("yigong.exchange.takeon.bench", "数据接入：居民与一年门诊文件，用时与内存 (files of a county)"),
    "indicators": ("yigong.indicators.bench", "指标：全年全部指标，两种引擎与手写 SQL (indicators)"),
    "workreport": (
        "yigong.workreport.bench",
        "工作汇报：公布县的全年，冻结到 Word、PDF、电子表格 (the published county's report)",
    ),
    "demo": ("yigong.demo.bench", "演示县：载入用时与大小 (loading the demo county)"),
}


def main(arguments: list[str]) -> int:
    """Run one benchmark; without a known name, the list of those installed."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if name in BENCHES and _is_here(BENCHES[name][0]):
        return import_module(BENCHES[name][0]).main(rest)
    print("可用的性能测量：", file=sys.stderr)
    for known, (module, text) in BENCHES.items():
        if _is_here(module):
            print(f"  ./yigong bench {known}    {text}", file=sys.stderr)
    return 2


def _is_here(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
