"""The embedded desk's post: each mail is a file under MAIL_DIR, which any mail program opens. Nothing leaves the machine."""

import hashlib
import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import EmailMessage

from core import clock

UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]+")


class EmailBackend(BaseEmailBackend):
    def __init__(self, *, file_path: str | Path | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.folder = Path(file_path or settings.MAIL_DIR)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            self.write(mail)
        return len(email_messages)

    def write(self, mail: EmailMessage) -> Path:
        """One file, named by its moment, its recipient and its Message-ID: a mail that is sent again replaces itself."""
        built = mail.message()
        at = parsedate_to_datetime(built["Date"]) if "Date" in mail.extra_headers else clock.now()
        who = UNSAFE.sub("_", mail.recipients()[0].rpartition("<")[2].rstrip(">"))[:80].lstrip(".")
        mark = hashlib.sha256(str(built["Message-ID"]).encode()).hexdigest()[:8]
        path = self.folder / f"{at:%Y%m%dT%H%M%SZ}-{who}-{mark}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(built.as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
        return draft.replace(path)
