"""The safety run of a knowledge base: five steps that end in SAFE or UNSAFE.

`measure` has the two ways to open a version, `rule` what their figures are held to, `shelf` the store that
versions are loaded from, `assets` and `damage` what must be refused, `slot` what keeps serving, `run` the
steps.
"""
