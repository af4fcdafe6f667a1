from django.apps import AppConfig


class ServiceDeskConfig(AppConfig):
    name = "servicedesk"
    verbose_name = "Mesa de Servicio"
    default_auto_field = "django.db.models.BigAutoField"
