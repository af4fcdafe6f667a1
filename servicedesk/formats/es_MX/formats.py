"""«24 sep 2026, 5:52»: as the desk writes its moments, in the tables and forms that the framework draws."""

DATE_FORMAT = "j b Y"
TIME_FORMAT = "G:i"
DATETIME_FORMAT = "j b Y, G:i"
