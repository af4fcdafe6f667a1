"""What the portal's forms share: several files in one field, and the services' refusals beside their fields."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from core.errors import InvalidInput


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploads as a list. How many and how heavy is the services' affair, for every door alike."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        return [upload for upload in (data or []) if upload]


class PortalForm(forms.Form):
    """A form whose faults come from the services. `use_required_attribute` is off so that the server's words are read."""

    use_required_attribute = False

    def take(self, error: InvalidInput, names: dict[str, str] | None = None) -> None:
        """Put the service's refusals beside their fields; `names` maps its names to the form's, the rest stand over the form."""
        for name, message in error.errors.items():
            field = (names or {}).get(name, name)
            self.add_error(field if field in self.fields else None, message)
        self.remind_of_files()

    def remind_of_files(self) -> None:
        """A browser does not send files twice by itself: say which ones to choose again."""
        chosen = self.files.getlist("files") if "files" in self.fields and self.files else []
        if chosen and not self.has_error("files"):
            names = ", ".join(f"«{upload.name}»" for upload in chosen[:10])
            self.add_error("files", f"Vuelva a elegir sus archivos: {names}.")
