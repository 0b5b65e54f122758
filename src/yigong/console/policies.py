"""Who may see the console's pages."""

from yigong.access.api import declare

GALLERY = declare("console.gallery", "查看界面组件", roles={"admin"})
FIGURES = declare(
    "console.figures", "查看县域运行数据", roles={"director", "bureau", "township_manager", "quality_manager"}
)
