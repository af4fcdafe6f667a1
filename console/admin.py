"""Loaded by the admin's autodiscovery: registers the tables whose page joins several apps."""

from console import operation_admin as operation_admin
from console import terms_admin as terms_admin
