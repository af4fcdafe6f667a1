"""Loaded by the admin's autodiscovery: registers the tables whose page joins several apps."""

from console import alarm_admin as alarm_admin
from console import audit_admin as audit_admin
from console import calendar_admin as calendar_admin
from console import operation_admin as operation_admin
from console import questionnaire_admin as questionnaire_admin
from console import recalculation_admin as recalculation_admin
from console import terms_admin as terms_admin
