from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConsoleConfig(AppConfig):
    name = "console"
    verbose_name = "Consola"
    default_auto_field = "django.db.models.BigAutoField"


class DeskAdminConfig(AdminConfig):
    """The Django admin with the desk's own site in place of the stock one."""

    default = False
    default_site = "console.site.DeskSite"
