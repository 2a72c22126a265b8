"""What versions, promotions, canaries and shadows cost who asks: `python -m benchmarks.registry`."""
