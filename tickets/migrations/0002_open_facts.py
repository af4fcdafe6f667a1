from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(
                    ("state__in", ("new", "open", "assigned", "in_progress", "pending_user", "pending_vendor"))
                ),
                fields=["company", "service_line", "priority", "group", "next_due_at", "id"],
                name="ticket_open_facts",
            ),
        ),
    ]
