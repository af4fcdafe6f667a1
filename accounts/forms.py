"""A person's shifts as they are typed: hours as on a clock, and no two at once."""

from django import forms
from django.forms.models import BaseInlineFormSet

from accounts.models import WorkShift
from core.forms import HourField
from core.worktime import DAY_MINUTES

WEEK = 7 * DAY_MINUTES


class ShiftForm(forms.ModelForm):
    starts = HourField(label="Entra")
    ends = HourField(label="Sale", until=True, help_text="Si es igual o anterior a la entrada, sale al día siguiente.")


class ShiftFormSet(BaseInlineFormSet):
    """Refuses shifts that overlap, naming the other one beside the hour at fault."""

    def clean(self) -> None:
        super().clean()
        given: list[WorkShift] = []
        for form in self.forms:
            told = getattr(form, "cleaned_data", {})
            if form.errors or not told or told.get("DELETE"):
                continue
            shift = WorkShift(weekday=told["weekday"], starts=told["starts"], ends=told["ends"])
            other = next((one for one in given if overlap(one, shift)), None)
            if other is not None:
                form.add_error("starts", f"Este turno se encima con «{other}». Cambie uno de los dos.")
            given.append(shift)


def overlap(one: WorkShift, other: WorkShift) -> bool:
    """Whether both hold some minute of the week; a shift may cross midnight, and Sunday's runs into Monday."""
    later = (other.weekday * DAY_MINUTES + other.starts - one.weekday * DAY_MINUTES - one.starts) % WEEK
    return later < length(one) or WEEK - later < length(other)


def length(shift: WorkShift) -> int:
    """Its minutes: up to a whole day."""
    return shift.ends - shift.starts + (0 if shift.ends > shift.starts else DAY_MINUTES)
