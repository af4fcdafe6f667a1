"""Working calendars: weekly windows and closed days (guide 3.1). The arithmetic on them lives in core/worktime.py."""

from django.core.validators import MaxValueValidator
from django.db import models

MINUTES_A_DAY = 1440


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Lunes"
    TUESDAY = 1, "Martes"
    WEDNESDAY = 2, "Miércoles"
    THURSDAY = 3, "Jueves"
    FRIDAY = 4, "Viernes"
    SATURDAY = 5, "Sábado"
    SUNDAY = 6, "Domingo"


class Window(models.Model):
    """Abstract: a weekly window in local minutes after midnight, half open. One that ends at or before its start ends the next day."""

    weekday = models.PositiveSmallIntegerField("día", choices=Weekday.choices)
    opens = models.PositiveSmallIntegerField("abre (minuto del día)", validators=[MaxValueValidator(MINUTES_A_DAY - 1)])
    closes = models.PositiveSmallIntegerField("cierra (minuto del día)", validators=[MaxValueValidator(MINUTES_A_DAY)])

    class Meta:
        abstract = True
        ordering = ("weekday", "opens")

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.words}"

    @property
    def words(self) -> str:
        """«9:00 a 19:00»."""
        return f"{self.opens // 60}:{self.opens % 60:02} a {self.closes // 60}:{self.closes % 60:02}"


class Calendar(models.Model):
    """A named calendar. With `observes_holidays`, the statutory days of Mexico (LFT art. 74) are closed besides its own closed days."""

    name = models.CharField("nombre", max_length=80, unique=True)
    observes_holidays = models.BooleanField("cierra los días de descanso obligatorio", default=True)

    class Meta:
        verbose_name = "calendario"
        verbose_name_plural = "calendarios"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CalendarWindow(Window):
    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="windows", verbose_name="calendario")

    class Meta(Window.Meta):
        verbose_name = "horario"
        verbose_name_plural = "horarios"


class ClosedDay(models.Model):
    """A day on which the calendar is closed from 00:00 to 24:00, local."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="closed_days", verbose_name="calendario")
    date = models.DateField("fecha")
    name = models.CharField("motivo", max_length=80)

    class Meta:
        verbose_name = "día inhábil"
        verbose_name_plural = "días inhábiles"
        ordering = ("date",)
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="closed_day_once")]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y} {self.name}"
