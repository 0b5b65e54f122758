"""People: the rows go as one file to the linking of ``residents``, which knows who is new, who is known and who is to be looked at."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.exchange.takeon import files
from yigong.exchange.takeon.data import FaultData, Pass, Row
from yigong.exchange.takeon.rules.layouts import Layout
from yigong.exchange.takeon.writers.base import Writer, register
from yigong.residents import api as residents

_STEPS = 9
_CHUNK = 5000


class People(Writer):
    """Numbers are kept by the source records of ``residents``; there is nothing of them here."""

    right = "residents.link"

    def run(self, going: Pass, rows: Iterator[Row]) -> None:
        """Write the good rows as a file of people, then link it."""
        path = files.folder_of(going.import_id) / "people.csv"
        count = self._write(going, rows, path)
        if not count:
            return
        step = [1]

        def say(text: str) -> None:
            step[0] += "完成" in text
            going.say(min(step[0], _STEPS - 1), _STEPS, text.strip())

        done = residents.link_people(
            batch_id=going.import_id, lists=[path], source=(going.origin.institution_id, going.origin.system), for_good=going.for_good,
            actor=going.actor, say=say,
        )  # fmt: skip
        counts = going.outcome.counts
        counts.update({name: n for name, n in done.counts.items() if name in ("new", "known", "doubts", "nameless")})
        counts["same"] += done.counts.get("again", 0)
        going.outcome.results |= done.results
        going.say(_STEPS, _STEPS, _("完成"))

    def _write(self, going: Pass, rows: Iterator[Row], path: Path) -> int:
        header, count = residents.PEOPLE_HEADER, 0
        batch: list[Row] = []
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle)
            writer.writerow(header)
            for row in rows:
                batch.append(row)
                if not row.faults:
                    self._look(row, going.layout)
                if not row.faults:
                    texts = {name: row.text(name) for name in header}
                    texts["source"] = texts["source"] or going.origin.system
                    writer.writerow([texts[name] for name in header])
                    count += 1
                if len(batch) >= _CHUNK:
                    going.settle(batch)
                    batch = []
                    going.say(0, _STEPS, _("已读 %(n)s 行") % {"n": count})
        going.settle(batch)
        return count

    def _look(self, row: Row, chosen: Layout) -> None:
        for column, reason in residents.people_row_problems(row.text("sex"), row.text("birth_date"), clock.today()):
            row.fail(chosen, "refused", column, text=reason)

    def undo(self, going: Pass, reason: str) -> None:
        """By ``residents``, which knows who has been used since."""
        done = residents.unlink_people(batch_id=going.import_id, reason=reason, actor=going.actor)
        going.outcome.counts.update({"undone": done["undone_records"], "undone_people": done["undone_people"]})
        going.outcome.counts["kept"] += done["kept_records"]
        if done["kept_records"]:
            text = _("%(n)s 条记录的居民在导入以后已被使用（就诊、合并等）") % {"n": done["kept_records"]}
            going.outcome.faults.append(FaultData(0, "", "", "kept", {"text": text}))


def declare() -> None:
    """Offer the writer."""
    register("residents", People())
