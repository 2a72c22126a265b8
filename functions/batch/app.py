"""CSV files that are dropped into the inbox: a message of its queue is one file."""

import gc

gc.disable()  # no cycles are made on the way of a row, and looking for them costs a third of the time

from coldframe.batch.consumer import Consumer  # noqa: E402
from coldframe.telemetry import observed  # noqa: E402

handler = observed(Consumer.from_environment().handle)
gc.freeze()
