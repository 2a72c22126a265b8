"""Keys that sign in tests, made anew in each run."""

from cryptography.hazmat.primitives.asymmetric import ec

from models.forge.keys import KeyFile


def new_key() -> KeyFile:
    """A key on P-256."""
    return KeyFile(ec.generate_private_key(ec.SECP256R1()))
