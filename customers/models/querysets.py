"""What each actor may see of the customers' data. A front end reads through `visible_to`, never past it."""

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from accounts.models import User


class CompanyScoped(models.QuerySet[Any]):
    """Rows owned by a company, found through `company_path`. The desk sees all; a customer only their own; anybody else nothing."""

    company_path = "company"

    def visible_to(self, actor: User) -> Self:
        if not actor.is_active:
            return self.none()
        if actor.is_desk:
            return self.all()
        if actor.is_customer:
            return self.filter(**{f"{self.company_path}__valid_users__user": actor})
        return self.none()


class CompanyQuerySet(CompanyScoped):
    def visible_to(self, actor: User) -> Self:
        if actor.is_active and actor.is_desk:
            return self.all()
        if actor.is_active and actor.is_customer:
            return self.filter(valid_users__user=actor)
        return self.none()


class ContractQuerySet(CompanyScoped):
    def in_force(self, on: date) -> Self:
        """Contracts that bind on the day `on` (the first and last days included)."""
        return self.filter(starts_on__lte=on).filter(Q(ends_on=None) | Q(ends_on__gte=on))


class TermsQuerySet(models.QuerySet[Any]):
    def in_force(self, at: datetime) -> Self:
        """Terms whose validity had begun at `at`, newest first; the first one is the one in force."""
        return self.filter(valid_from__lte=at).order_by("-valid_from")
