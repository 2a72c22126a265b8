"""What is measured, and against what: each figure is a ratio of two things run side by side."""
