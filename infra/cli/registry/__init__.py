"""The command's words for versions: what is published, what is live, and how that changes."""
