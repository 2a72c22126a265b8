"""Tickets from a cold start, warm, and as a file: `python -m benchmarks.tickets`."""
