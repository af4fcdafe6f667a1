"""Inputs that several apps' forms share."""

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from core.worktime import DAY_MINUTES

HOUR = re.compile(r"^(\d{1,2}):(\d{2})$")


class HourField(forms.CharField):
    """«09:00» to a person, 540 minutes after midnight to the product. `until` also admits «24:00»."""

    def __init__(self, *, until: bool = False, **kwargs: Any) -> None:
        self.latest = DAY_MINUTES if until else DAY_MINUTES - 1
        super().__init__(**{"widget": UnfoldAdminTextInputWidget(attrs={"placeholder": "09:00"}), **kwargs})

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if isinstance(value, int):
            return value
        found = HOUR.match(str(value).strip())
        minutes = int(found[1]) * 60 + int(found[2]) if found else -1
        if found is None or int(found[2]) > 59 or not 0 <= minutes <= self.latest:
            raise forms.ValidationError("Escriba la hora como 09:00, de 00:00 a 24:00.", code="invalid")
        return minutes

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except forms.ValidationError:
            return True
