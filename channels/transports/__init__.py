"""How a message leaves. Only tasks use this; what can go wrong is said in four words that the sender's loop understands."""


class TransportError(Exception):
    """Base. Its text is kept on the row, for the console."""


class Unreachable(TransportError):
    """The server cannot be reached or does not let us in: no message's fault."""


class ConnectionLost(TransportError):
    """The connection broke while a message was being sent: perhaps the server's fault, perhaps the message's."""


class NotNow(TransportError):
    """The server took none of it for the moment (4xx): worth another try."""


class Never(TransportError):
    """The server said that it will never take it (5xx), or the message cannot be written as mail."""
