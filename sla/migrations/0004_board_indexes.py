from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sla", "0003_promises_of_before")]

    operations = [
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(
                condition=models.Q(("next_at__isnull", False), ("state", "running"), ("warned_percent__gte", 75)),
                fields=["ticket"],
                name="clock_amber",
            ),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(condition=models.Q(("state", "paused")), fields=["ticket"], name="clock_paused"),
        ),
        migrations.AddIndex(
            model_name="clock",
            index=models.Index(condition=models.Q(("met_at__isnull", False)), fields=["met_at"], name="clock_met"),
        ),
    ]
