"""App registration."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """Rights."""

    name = "yigong.access"

    def ready(self) -> None:
        """Permissions, the seal over the read log, the shell's post switcher and the menu."""
        from yigong.access import policies, rotation
        from yigong.access.views.own import post_choices
        from yigong.core.audit.api import register_timed_chain
        from yigong.core.rotation import Resealer, register
        from yigong.core.ui import menu, shell

        register(Resealer("access.otp", "动态口令密钥", rotation.left, rotation.reseal))
        register_timed_chain("read_log", table="access_readlog")
        shell.provide("posts", post_choices)
        menu.register(menu.MenuEntry(_("紧急调阅评审"), "access:emergencies", policies.REVIEW, order=70, icon="shield"))
        menu.register(menu.MenuEntry(_("账号"), "access:accounts", policies.ACCOUNTS, order=81, icon="key"))
        menu.register(menu.MenuEntry(_("岗位权限"), "access:roles", policies.MATRIX, order=82, icon="lock"))
