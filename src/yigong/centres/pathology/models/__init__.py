"""Tables of pathology."""

from yigong.centres.pathology.models.loans import Loan, LoanItem
from yigong.centres.pathology.models.pictures import Picture
from yigong.centres.pathology.models.specimens import Case, Specimen

__all__ = ["Case", "Loan", "LoanItem", "Picture", "Specimen"]
