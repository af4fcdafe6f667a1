from django.apps import AppConfig


class SlaConfig(AppConfig):
    name = "sla"
    verbose_name = "Niveles de servicio"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from sla import sentences  # noqa: F401 (registers how the story tells a breach)
