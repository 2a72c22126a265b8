"""What an environment does when it is restored from a snapshot of another.

A snapshot freezes what was true when it was taken: which version is live, connections, credentials, and the
state of random numbers, which all environments of one snapshot would share.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

import random
import sys

from snapshot_restore_py import register_after_restore  # the Lambda runtime has it

from coldframe.slot import ModelSlot


def register(slot: ModelSlot | None) -> None:
    """Have `restored` called after each restore."""
    register_after_restore(restored, slot)


def restored(slot: ModelSlot | None) -> None:
    """Forget what the snapshot froze; it takes no time that counts of the 10 s that Lambda gives."""
    random.seed()
    if numpy_random := sys.modules.get("numpy.random"):
        numpy_random.seed()
    if slot is not None:
        slot.expire()
