"""Reads the mail that the embedded desk writes into a folder, as a mail program would."""

import email.policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

PARSER = BytesParser(policy=email.policy.default)


class Mailbox:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.read: set[Path] = set()

    def new(self) -> list[EmailMessage]:
        """What came since the last call, in the order of the files' names, which begin with their moment."""
        fresh = sorted(set(self.folder.glob("*.eml")) - self.read)
        self.read.update(fresh)
        return [parsed(path) for path in fresh]


def parsed(path: Path) -> EmailMessage:
    mail = PARSER.parsebytes(path.read_bytes())
    assert isinstance(mail, EmailMessage)
    return mail


def address(mail: EmailMessage) -> str:
    [to] = mail["To"].addresses
    return str(to.addr_spec)


def text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
