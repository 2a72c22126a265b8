"""Japanese sentiment: positive, neutral, negative."""
