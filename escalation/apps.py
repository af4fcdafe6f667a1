from django.apps import AppConfig


class EscalationConfig(AppConfig):
    name = "escalation"
    verbose_name = "Escalamiento"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from escalation import sentences  # noqa: F401 (registers how the story tells a way up)
