"""CSV files that are dropped into the inbox: a message of its queue is one file."""

import gc

gc.disable()  # a row makes no cycles, and looking for them costs a third of the time: see Consumer.handle

from coldframe.batch.consumer import Consumer  # noqa: E402
from coldframe.telemetry import observed  # noqa: E402

handler = observed(Consumer.from_environment().handle)
gc.freeze()
