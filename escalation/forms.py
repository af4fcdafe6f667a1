"""What the console asks for when a matrix or a contact is written: faults beside their row, in words."""

from datetime import datetime
from typing import Any

from django import forms
from django.db.models import F, Q

from accounts.models import User
from core import clock
from escalation.absences import circle, days, overlapping
from escalation.models import Absence, Contact, Level, Matrix
from escalation.services import publishing


class NewMatrixForm(forms.ModelForm):
    """Which matrix: what it holds is written afterwards."""

    class Meta:
        model = Matrix
        fields = ("kind", "contract", "service")
        help_texts = {
            "contract": "Sólo en el Listado de Fallas Técnicas.",
            "service": "Sólo en el Listado de Fallas Técnicas: uno de los contratados.",
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors:
            given = {name: self.cleaned_data.get(name) for name in self._meta.fields or ()}
            asked = Matrix(**given)
            for name, message in publishing.belonging(asked).items():
                self.add_error(name, message)
            if not self.errors and publishing.versions_of(asked).exists():
                self.add_error("kind", "Esta matriz ya existe. Ábrala desde la lista y use «Nueva versión».")
        return cleaned

    def validate_constraints(self) -> None:
        """`clean` has said the same in words."""


class DraftForm(forms.ModelForm):
    """The date of a draft. An empty one means «when it is published», as does one that has passed."""

    class Meta:
        model = Matrix
        fields = ("valid_from",)
        help_texts = {"valid_from": "Vacío: en cuanto se publique."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "valid_from" in self.fields:
            self.fields["valid_from"].required = False
            if self.instance.valid_from is not None and self.instance.valid_from <= clock.now():
                self.initial["valid_from"] = None

    def clean_valid_from(self) -> datetime:
        moment: datetime | None = self.cleaned_data["valid_from"]
        if moment is not None and moment <= clock.now():
            raise forms.ValidationError("La vigencia no puede empezar en el pasado.")
        return moment or clock.now()


class LevelForm(forms.ModelForm):
    """One row. Whether the rows agree with each other is their set's to say."""

    class Meta:
        labels = {"acknowledge_minutes": "Acuse (min)", "answer_minutes": "Respuesta (min)"}
        help_texts = dict.fromkeys(labels, "Minutos del horario en que la Mesa atiende el ticket.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("direction", "area"):
            if name in self.fields:
                self.fields[name].required = True

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        acknowledge, answer = (self.cleaned_data.get(name) for name in ("acknowledge_minutes", "answer_minutes"))
        if acknowledge is not None and answer is not None and answer < acknowledge:
            self.add_error("answer_minutes", "No puede ser menos que el plazo para acusar recibo.")
        return cleaned

    def validate_unique(self) -> None:
        """Against the other rows of the form, not those of before: two levels may change places."""

    def validate_constraints(self) -> None:
        """`clean` and the set of rows have said the same in words."""


class LevelRows(forms.BaseInlineFormSet):
    """The rows of a draft: each level once, of each area in the complaints'."""

    def clean(self) -> None:
        sent = [form.instance.pk for form in self.forms if form.instance.pk]
        # Somebody may have written rows since this page was opened.
        rows: Any = self.queryset
        seen = set(rows.exclude(pk__in=sent).values_list("direction", "area", "level"))
        for form in kept(self):
            row = form.instance
            key = (row.direction, row.area, row.level)
            if row.level is not None and key in seen:
                form.add_error("level", f"El nivel {row.level} está repetido{f' en {row.area}' if row.area else ''}.")
            seen.add(key)

    def save(self, commit: bool = True) -> Any:
        """First out of each other's way: the database holds each level once, also while two of them change places."""
        moving = [form.instance.pk for form in self.initial_forms if form.has_changed()]
        Level.objects.filter(pk__in=moving, matrix=self.instance).update(level=F("level") + 100)
        return super().save(commit)


class ContactForm(forms.ModelForm):
    """A correction is a fact about today's person: it changes what everybody sees from now on, in published matrices too."""

    class Meta:
        model = Contact
        fields = ("name", "email", "phone", "direct_phone", "mobile", "user", "valid_from", "valid_until")
        help_texts = {
            "email": "Ahí se avisa cada escalamiento.",
            "user": "Con ella acusa recibo y responde también desde la consola.",
            "valid_from": "Vacío: sin inicio.",
            "valid_until": "Último día en que se le avisa. Vacío: sin término.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "user" in self.fields:
            mine = Q(pk=self.instance.user_id) if self.instance.user_id else Q(pk__in=())
            desk = User.objects.desk().filter(is_active=True) | User.objects.filter(mine)
            self.fields["user"].queryset = desk.order_by("full_name")  # type: ignore[attr-defined]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        in_use = Matrix.objects.in_use(clock.now()).values("pk")
        if not email and self.instance.pk and self.instance.levels.filter(matrix__in=in_use).exists():
            raise forms.ValidationError("Está en una matriz publicada: sin correo no se le podría avisar.")
        return email

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        begins, ends = self.cleaned_data.get("valid_from"), self.cleaned_data.get("valid_until")
        if begins and ends and ends < begins:
            self.add_error("valid_until", "La vigencia no puede terminar antes de empezar.")
        return cleaned

    def validate_constraints(self) -> None:
        """`clean` has said the same in words."""


class AbsenceRows(forms.BaseInlineFormSet):
    """The absences of one contact: no day twice, and nobody who comes back to them as their own substitute."""

    def clean(self) -> None:
        forms_of = {id(form.instance): form for form in kept(self)}
        rows = [form.instance for form in forms_of.values() if not form.errors]
        if (late := overlapping(rows)) is not None:
            others = (days(row) for row in rows if row is not late and overlapping([row, late]) is not None)
            forms_of[id(late)].add_error("starts_on", f"Se traslapa con su ausencia {next(others)}.")
        for row in rows:
            if message := _unfit(self.instance, row):
                forms_of[id(row)].add_error("substitute", message)


def kept(rows: forms.BaseInlineFormSet) -> list[Any]:
    """The forms of the set that stay and say something."""
    leave: Any = rows._should_delete_form  # type: ignore[attr-defined]
    going = {id(form) for form in rows.forms if rows.can_delete and leave(form)}
    return [form for form in rows.forms if id(form) not in going and (form.has_changed() or form.instance.pk)]


def _unfit(contact: Contact, absence: Absence) -> str:
    """Why the substitute cannot be the one, or nothing."""
    if absence.substitute is None:
        return ""
    if not absence.substitute.email:
        return f"{absence.substitute} no tiene correo electrónico: no se le podría avisar."
    if path := circle(contact, absence):
        names = ", ".join(str(person) for person in (contact, *path))
        return f"En esos días el aviso daría la vuelta sin llegar a nadie ({names} y otra vez {contact}). Elija a otra persona."
    return ""
