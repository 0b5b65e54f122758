"""The code tables of this room for rooms that read files: code -> name."""

from yigong.network.forms import CATEGORIES, GRADE_CLASSES, GRADES
from yigong.network.models import Accreditation, Institution
from yigong.network.rules import TITLES


def code_tables() -> dict[str, dict[str, str]]:
    """All tables by name, in Chinese or in the reader's language."""
    return {
        "institution_levels": {str(k): str(v) for k, v in Institution.Level.choices},
        "ownership": {str(k): str(v) for k, v in Institution.Ownership.choices},
        "institution_categories": {str(k): str(v) for _group, rows in CATEGORIES for k, v in rows},
        "grades": {k: str(v) for k, v in GRADES if k},
        "grade_classes": {k: str(v) for k, v in GRADE_CLASSES if k},
        "titles": dict(TITLES),
        "assessments": {str(k): str(v) for k, v in Accreditation.Kind.choices},
        "verdicts": {str(k): str(v) for k, v in Accreditation.Level.choices},
    }
