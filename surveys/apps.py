from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "surveys"
    verbose_name = "Encuestas, quejas y NPS"
    default_auto_field = "django.db.models.BigAutoField"
