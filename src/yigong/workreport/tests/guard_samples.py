"""An edition, a chapter and a returned file for the guards."""

from typing import Any

from tests.guards.world import Sample

from yigong.core.jobs import worker
from yigong.indicators.tests.world import this_month
from yigong.workreport.commands import editing, making
from yigong.workreport.models import ReturnedFile


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    bureau = world.actor("bureau")
    row = making.ask_edition(
        template="community-progress", kind="month", first=this_month(1), scope="county", provisional=True, actor=bureau
    )
    worker.run_job(row.job_id)
    editing.save_chapter(edition_id=row.pk, chapter="overview", text="样例文字", base=0, actor=bureau)
    file = ReturnedFile.objects.create(
        edition=row, name="样例.docx", texts={"overview": {"base": 0, "text": "改过"}}, made_by="样例"
    )
    one, chapter = {"edition_id": row.pk}, {"edition_id": row.pk, "chapter": "overview"}
    return {
        "workreport:list": Sample(query="?q=全县"), "workreport:edition": Sample(one), "workreport:correct": Sample(one), "workreport:compare": Sample(one),
        "workreport:act": Sample({"edition_id": row.pk, "action": "submit"}), "workreport:word": Sample(one), "workreport:print": Sample(one),
        "workreport:export": Sample(one), "workreport:import": Sample(one), "workreport:returned": Sample({"file_id": file.pk}),
        "workreport:chapter": Sample(chapter), "workreport:versions": Sample(chapter), "workreport:table": Sample({"code": "2024"}, "?provisional=on"),
        "workreport:table_export": Sample({"code": "2020"}), "workreport:table_print": Sample({"code": "2020"}),
        "workreport:save": Sample(chapter, post={"text": "样例文字", "base": "1"}), "workreport:here": Sample(chapter, post={"base": "1"}),
        "workreport:again": Sample(one, post={}),
    }  # fmt: skip
