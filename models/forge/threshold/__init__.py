"""Choose the score from which a row is flagged, from labels and scores of validation rows."""
