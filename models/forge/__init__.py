"""The tools that recipes share."""
