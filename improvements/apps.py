from django.apps import AppConfig


class ImprovementsConfig(AppConfig):
    name = "improvements"
    verbose_name = "Mejora continua"
    default_auto_field = "django.db.models.BigAutoField"
