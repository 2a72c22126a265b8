"""The `coldframe` command."""
