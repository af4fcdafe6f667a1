"""The yearly question as customers read it (guide 3.14): the same words in the mail, on the page and in the console's preview."""

from channels import addresses
from surveys.vocabulary import NPS_QUESTION

GUIDES_NAME, DESK = "MásNegocio", "Mesa de Servicio"


def question() -> str:
    """The guide's question about the provider that the mail's sender names: «Mesa de Servicio Acme» and «Acme» ask about Acme.

    A sender that only says «Mesa de Servicio» names no provider, and the guide's stands.
    """
    name = addresses.sender_name().removeprefix(DESK).strip(" -,:·")
    return NPS_QUESTION.replace(GUIDES_NAME, name or GUIDES_NAME)
