"""What goes into a comparison of two records and what comes out of it."""

from dataclasses import dataclass
from datetime import date

from yigong.residents.matching.preparing.fields import fields_of_birth


@dataclass(frozen=True, slots=True)
class PersonFields:
    """One record about a person, as given: texts in any common form, empty where nothing is known.

    ``birth_precision`` is ``day``, ``month``, ``year`` or ``estimated``; ``id_type`` a code of CV02.01.101; ``household`` any key that means
    the same household in both records. ``address`` may carry everything or only what the parts above it do not say.
    """

    name: str = ""
    sex: str = "0"
    birth_date: date | None = None
    birth_precision: str = "day"
    id_type: str = "01"
    id_number: str = ""
    phone: str = ""
    division_code: str = ""
    township: str = ""
    village: str = ""
    address: str = ""
    mother_name: str = ""
    household: str = ""

    def as_texts(self) -> dict[str, str]:
        """The record as a row of the bulk file."""
        return {
            "name": self.name,
            "sex": self.sex,
            "birth_date": fields_of_birth(self.birth_date, self.birth_precision),
            "id_type": self.id_type,
            "id_number": self.id_number,
            "phone": self.phone,
            "address": self.township + self.village + self.address,
            "mother_name": self.mother_name,
            "household": self.household,
        }


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison's share of a score: which level held (Chinese ``label``), what was compared on both sides, m and u of the level,
    ``bits`` = log2(m/u) + ``frequency_bits`` (rare values count more, common ones less; ``share`` of all records carries the value, None where
    nobody has counted). A
    missing value counts 0 and has neither m nor u.
    """

    comparison: str
    comparison_label: str
    level: str
    label: str
    left: str
    right: str
    m: float | None
    u: float | None
    bits: float
    frequency_bits: float = 0.0
    share: float | None = None

    @property
    def is_missing(self) -> bool:
        """Whether a side says nothing, so that the comparison does not count."""
        return self.m is None


@dataclass(frozen=True, slots=True)
class VetoHit:
    """A rule that overrules the weight, with the sentence that tells the clerk why."""

    code: str
    label: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Scored:
    """The comparison of two records: ``weight`` in bits (log2 of the odds), ``probability``, ``verdict`` ``link``, ``review`` or
    ``distinct``; ``prior_bits`` is where the waterfall starts, ``steps`` are its bars in the order of the definition."""

    weight: float
    probability: float
    verdict: str
    prior_bits: float
    steps: tuple[Step, ...]
    vetoes: tuple[VetoHit, ...] = ()
    definition: str = ""
