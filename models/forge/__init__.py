"""The tools that recipes share: read rows, split, fit, measure, calibrate, quantize."""
