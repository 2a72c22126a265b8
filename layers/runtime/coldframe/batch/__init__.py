"""The CSV that comes back scored.

event → notifications (which files?) → job (pinned: object version, model version, place)
      → window (ranges of bytes) → encoding → records → rows (which can be scored?) → classifier
      → outputs (result and rejects) → report (the commit mark)

At least once to run, exactly once to see: all that is written under a final name depends on nothing but the
object version and the model version, so whoever is second writes the same bytes, or finds them written.
"""
