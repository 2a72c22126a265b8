"""The child process of one execution environment: AWS's Runtime Interface Client around the handler.

Run as `python -P run_function.py PARENT_ID HANDLER FOLDER…`: the folders (the function's, then its layers) go
to the front of sys.path, as /var/task and /opt/python do in Lambda.
"""

import sys

from infra.local.children import die_with_parent


def main(parent_id: str, handler: str, *folders: str) -> None:
    die_with_parent(int(parent_id))
    sys.path[:0] = folders
    from awslambdaric.__main__ import main as run_client

    run_client([__file__, handler])


if __name__ == "__main__":
    main(*sys.argv[1:])
