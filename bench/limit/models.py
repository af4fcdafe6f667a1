from django.db import models


class Company(models.Model):
    name = models.CharField(max_length=80)

    class Meta:
        app_label = "limit"

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    company = models.ForeignKey(Company, models.PROTECT, db_index=False)
    number = models.BigIntegerField(default=0)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    status = models.SmallIntegerField(default=1)
    priority = models.SmallIntegerField(default=3)
    requester = models.CharField(max_length=120, default="")
    assignee = models.IntegerField(null=True)
    created = models.DateTimeField()
    due = models.DateTimeField(null=True)
    breached = models.BooleanField(default=False)

    class Meta:
        app_label = "limit"
        indexes = [
            models.Index(fields=["company", "status", "-created", "-id"], name="limit_company_status"),
            models.Index(fields=["due"], name="limit_due", condition=models.Q(status__lt=4, breached=False)),
            models.Index(fields=["-created", "-id"], name="limit_created"),
        ]

    def __str__(self) -> str:
        return self.subject


class Event(models.Model):
    ticket = models.ForeignKey(Ticket, models.CASCADE)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    data = models.TextField(blank=True)

    class Meta:
        app_label = "limit"

    def __str__(self) -> str:
        return self.kind
