"""A file of institutions tried, for the guards that walk every address."""

from typing import Any

from tests.guards.world import Sample, World

from yigong.exchange.takeon import api

HEADER = "机构代码,机构名称,机构级别,机构类别\r\n"


def samples(world: World) -> dict[str, Any]:
    """One uploaded file."""
    content = (HEADER + "GUARD-NEW,某卫生室,村级,D600\r\n").encode()
    row = api.upload(
        layout_code="institutions", file_name="机构.csv", chunks=[content], system="县卫健局", institution_id=world.institutions["county"],
        actor=world.actor("admin"),
    )  # fmt: skip
    one = {"import_id": row.pk}
    return {
        "takeon:imported": Sample(one),
        "takeon:columns": Sample(one),
        "takeon:run": Sample(one, post={}),
        "takeon:discard": Sample(one, post={}),
        "takeon:result": Sample(one),
        "takeon:upload": Sample({"code": "institutions"}),
        "takeon:template": Sample({"code": "institutions"}),
    }
