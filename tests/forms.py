"""A file in a form, as curl -F and browsers send it."""

BOUNDARY = "----a-boundary"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, content: bytes, file_name: str | None = None) -> bytes:
    """One field; with a file name it is a file."""
    named = f'; filename="{file_name}"\r\nContent-Type: text/csv' if file_name is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    """The body of a request."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def file_form(content: bytes, name: str = "reviews.csv", column: str | None = None) -> bytes:
    """A file, and by choice the column to score."""
    return form(part("file", content, name), *([part("column", column.encode())] if column else []))
