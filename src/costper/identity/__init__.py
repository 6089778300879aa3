"""Who caused a call: hashed users, tenants, service accounts."""

from costper.identity.doorkeeper import ANONYMOUS, Doorkeeper, Told
from costper.identity.identities import ALWAYS, Account, Identities, Owner, identities

__all__ = [
    "ALWAYS",
    "ANONYMOUS",
    "Account",
    "Doorkeeper",
    "Identities",
    "Owner",
    "Told",
    "identities",
]
