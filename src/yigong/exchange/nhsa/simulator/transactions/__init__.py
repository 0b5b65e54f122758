"""What the simulated platform does for each transaction number. Refusals are ``Refusal``; everything else answers with ``output``."""

# texts: data (the simulator speaks Chinese only, like the platforms it stands for)

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from yigong.exchange.nhsa.simulator.books import Books, Row
from yigong.exchange.nhsa.simulator.transactions import reconciling, settling, visits
from yigong.exchange.nhsa.simulator.transactions.desk import Desk, Refusal

__all__ = ["JOURNALLED", "TRANSACTIONS", "Platform", "Refusal"]

_HANDLERS: dict[str, Callable[[Desk, Row, Row], Row]] = {
    "1101": visits.identify, "2201": visits.register_visit, "2202": visits.cancel_visit, "2203": visits.visit_information, "2204": visits.upload_lines, "2205": visits.delete_lines,
    "2206": settling.presettle, "2207": settling.settle, "2208": settling.revoke, "2301": visits.upload_lines, "2302": visits.delete_lines, "2303": settling.presettle, "2304": settling.settle,
    "2305": settling.revoke, "2401": visits.admit, "2501": visits.refer, "2402": visits.discharge, "2404": visits.cancel_visit, "2405": visits.cancel_discharge, "2601": settling.undo_unknown, "3201": reconciling.totals,
    "3202": reconciling.details, "5203": settling.settlement_query, "5206": settling.cumulations, "9001": reconciling.sign_in, "9002": reconciling.sign_in, "9101": reconciling.upload_file, "9102": reconciling.download_file,
}  # fmt: skip
TRANSACTIONS = tuple(sorted(_HANDLERS))
JOURNALLED = frozenset({"2201", "2202", "2203", "2204", "2205", "2207", "2208", "2301", "2302", "2304", "2305", "2401", "2402", "2404", "2405", "2501", "2601"})  # fmt: skip


class Platform(Desk):
    """The desk with what it does for each message; its journal is done again at the start."""

    def __init__(self, books: Books, plans: Path, catalogue: Path) -> None:
        super().__init__(books, plans, catalogue)
        for entry in books.journal():
            self.replay(entry)

    def replay(self, entry: Row) -> None:
        """Do again what the journal says."""
        if "person" in entry:
            self.books.add_person(entry["person"])
        elif "institution" in entry:
            self.books.add_institution(entry["institution"])
        elif "opening" in entry:
            self._open(entry["opening"])
        else:
            try:
                self.perform(entry["message"])
            except Refusal:
                return

    def enter(self, what: Row) -> None:
        """Master data from outside: people, institutions, cumulations at the opening of the books."""
        with self.books.lock:
            for person in what.get("people", ()):
                self.books.add_person(person)
                self.books.write_down({"person": person})
            for institution in what.get("institutions", ()):
                self.books.add_institution(institution)
                self.books.write_down({"institution": institution})
            for opening in what.get("openings", ()):
                self._open(opening)
                self.books.write_down({"opening": opening})

    def _open(self, opening: Row) -> None:
        key = (opening["psn_no"], opening["insutype"], opening["year"])
        self.books.cumulated[key] = {name: Decimal(amount) for name, amount in opening["sums"].items()}

    def perform(self, message: Row) -> Row:
        """One message; the same message id again gives the same answer and is not done twice."""
        known = self.books.answers.get(message["msgid"])
        if known is not None:
            return known
        handler = _HANDLERS.get(message["infno"])
        if handler is None:
            raise Refusal(f"模拟器没有交易 {message['infno']}")
        output = handler(self, message["input"], message)
        if message["infno"] in JOURNALLED:
            self.books.answers[message["msgid"]] = output
        return output
