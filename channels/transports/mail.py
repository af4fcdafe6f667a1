"""E-mail through Django's configured backend: SMTP with EMAIL_URL, files without it. One connection for many messages."""

import contextlib
import smtplib
from email.header import Header
from email.message import Message
from email.utils import format_datetime, formataddr
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import BadHeaderError

from channels.models import OutboundMessage
from channels.transports import ConnectionLost, Never, NotNow, Unreachable

TOO_BIG = 552
CLOSING = (421, -1)
"""The server says goodbye, or smtplib could make nothing of its answer."""


class Mailer:
    """An open way to the mail server. `send` raises ConnectionLost, NotNow or Never; opening raises Unreachable."""

    def __init__(self) -> None:
        self.connection = get_connection()

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self) -> None:
        try:
            self.connection.open()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unreachable(said(error)) from error

    def close(self) -> None:
        # A server that is gone cannot be told goodbye; the backend has dropped the socket by then.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            self.connection.close()

    def send(self, row: OutboundMessage) -> None:
        try:
            self.connection.send_messages([as_email(row)])
        except smtplib.SMTPRecipientsRefused as error:
            code, reply = next(iter(error.recipients.values()))
            raise _refusal(code)(_text(code, reply)) from error
        except smtplib.SMTPServerDisconnected as error:
            raise ConnectionLost(said(error)) from error
        except smtplib.SMTPSenderRefused as error:
            # Our own address: every message would meet the same answer, unless it is this one's size.
            raise (Never if error.smtp_code == TOO_BIG else Unreachable)(said(error)) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code)(said(error)) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Never(said(error)) from error
        except (BadHeaderError, ValueError) as error:  # ValueError: an address that no server could take
            raise Never(f"No se puede escribir como correo: {error}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise ConnectionLost(said(error)) from error


def _refusal(code: int) -> type[Never] | type[NotNow] | type[ConnectionLost]:
    if code in CLOSING:
        return ConnectionLost
    return Never if code >= 500 else NotNow


def _text(code: int, reply: bytes | str) -> str:
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
    return f"{code} {words}"


def said(error: Exception) -> str:
    """What the server or the network said, in one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _text(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"


class Letter(EmailMultiAlternatives):
    """A mail whose bytes depend on nothing but its content, so that a repeated one is the same."""

    def message(self, **kwargs: Any) -> Any:
        built: Any = super().message(**kwargs)
        # Django folds a long subject right after «Subject:», which leaves a blank first line; a Header knows its own name.
        del built["Subject"]
        Message.__setitem__(built, "Subject", Header(str(self.subject), "utf-8", header_name="Subject"))
        if built.is_multipart():
            built.set_boundary(f"=={self.extra_headers['Message-ID'].strip('<>').partition('@')[0]}==")
        return built


def as_email(row: OutboundMessage) -> Letter:
    """The row as a mail. It says that a program wrote it, so that programs do not answer (RFC 3834)."""
    headers = {
        "Message-ID": row.message_id,
        # A notice that waited for its reader's hours was written as of the moment it was to leave.
        "Date": format_datetime(max(row.created_at, row.next_at)),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if row.thread_id:
        headers |= {"In-Reply-To": row.thread_id, "References": row.thread_id}
    letter = Letter(
        subject=row.subject,
        body=row.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((row.name, row.address))],
        reply_to=[row.reply_to] if row.reply_to else None,
        headers=headers,
    )
    if row.html:
        letter.attach_alternative(row.html, "text/html")
    return letter
