"""What is published and what is live, for those who may only look: over HTTP (/v1/ml-models) and from Python.

Whether a version loads is tried in a process of its own (`probing`, `probe`), which cannot hurt this one.
"""
