"""The gate: a quantized artifact against its float parent, and which of the two ships."""
