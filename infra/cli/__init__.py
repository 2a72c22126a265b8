"""The `coldframe` command."""

import sys


def main() -> None:
    """Run the command. Ctrl-C ends it without a traceback, also while it is still importing."""
    try:
        from infra.cli.main import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(130)
