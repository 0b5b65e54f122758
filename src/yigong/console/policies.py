"""Who may see the console's pages."""

from yigong.access.api import declare

GALLERY = declare("console.gallery", "查看界面组件", roles={"admin"})
