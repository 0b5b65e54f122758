"""What the coded words of the facts mean to people; a word that nobody listed is shown as it is."""

# texts: data

from yigong.clinic.data import CATEGORIES
from yigong.core.rights import ROLES
from yigong.indicators.facts import Column
from yigong.programmes import api as programmes

_WORDS: dict[str, dict[str, str]] = {
    "contact": {"outpatient": "门诊", "emergency": "急诊", "home": "入户", "remote": "远程"},
    "scheme": {"390": "城乡居民", "310": "城镇职工"},
    "benefit": {
        "inpatient": "住院",
        "pooling": "门诊统筹",
        "chronic": "门诊慢特病",
        "two-diseases": "两病门诊",
        "self": "自费",
    },
    "direction": {"up": "上转", "down": "下转", "lateral": "平转"},
    "urgency": {"routine": "常规", "urgent": "加急", "emergency": "急诊"},
    "service": {"imaging": "影像", "ecg": "心电", "laboratory": "检验", "pathology": "病理", "consultation": "会诊"},
    "centre": {
        "imaging": "医学影像", "ecg": "心电诊断", "laboratory": "医学检验", "pathology": "病理诊断", "consultation": "远程会诊", "sterile": "消毒供应",
        "emergency": "急诊急救",
    },
    "specimen": {"BIOPSY": "小标本", "SURGERY": "大标本", "CYTOLOGY": "细胞学", "FROZEN": "术中冰冻", "CONSULT": "切片会诊"},
    "pathway": {"chest-pain": "胸痛", "stroke": "卒中", "trauma": "创伤"},
    "activity": {
        "lecture": "健康知识讲座", "consultation": "公众健康咨询", "material": "印刷资料发放", "audiovisual": "音像资料播放", "board": "宣传栏更换",
        "patrol": "巡查",
    },
    "standard": {"basic": "基本标准", "recommended": "推荐标准", "community_hospital": "社区医院标准", "none": "未达标", "": "没有登记"},
    "manner": {"window": "窗口", "referral": "转诊", "emergency": "急诊", "village": "村级"},
    "goods": {"specimen": "检验标本", "pathology": "病理标本", "clean": "无菌包", "used": "待回收器械", "medicine": "药品"},
    "band": {"2-8": "冷藏 2–8 ℃", "15-25": "室温 15–25 ℃", "frozen": "冷冻 -18 ℃ 以下", "any": "常温"},
    "aid": {"aid": "医疗救助", "relief": "减免"},
    "secondment": {"stationed": "派驻", "support": "下沉帮扶"},
    "level": {"county": "县级", "township": "乡镇级", "village": "村级", "outside": "县外"},
}  # fmt: skip


def words_of(column: Column) -> dict[str, str]:
    """The words of a column by code."""
    if column.words == "programme":
        return {code: one.title for code, one in programmes.programmes().items()}
    if column.words == "role":
        return ROLES
    if column.words == "charge":
        return {code: str(label) for code, (_number, label) in CATEGORIES.items()}
    return _WORDS.get(column.words, {})
