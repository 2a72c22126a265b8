"""A file that comes in one request and goes back, scored, in its answer, as if it had been dropped."""

import json
from dataclasses import dataclass, field

from coldframe import limits
from coldframe.batch.drop import ENDINGS
from coldframe.batch.layout import DEFAULT_COLUMN, Layout, read_layout
from coldframe.batch.records import RecordReader
from coldframe.batch.rows import Examined, Reject, examine
from coldframe.batch.scoring import answer_all
from coldframe.batch.source import RangedFile, Window
from coldframe.batch.writing import header_text, result_text
from coldframe.decisions import Row
from coldframe.errors import FileTooLarge
from coldframe.predictor import Predictor

_OTHER_COLUMN = "send its name as the form's field column"
_INSTEAD = "POST /v1/batches takes files of any size"


@dataclass
class Upload:
    """A file that was read whole and not scored yet: its rows by blocks, and how many cannot be scored.

    `answer_bytes` is the most that the body of the answer can be as a string of JSON.
    """

    layout: Layout
    header: str
    answer_bytes: int
    blocks: list[Examined] = field(default_factory=list)
    lines: int = 0
    rejected: int = 0
    first_rejects: list[Reject] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows can be scored."""
        return sum(len(block.texts) for block in self.blocks)

    def result(self, predictor: Predictor) -> str:
        """Score the rows; return the text of the result file that a dropped file gets."""
        return self.header + "".join(
            result_text(block.rows, block.lines, answer_all(predictor, block.texts), self.layout.delimiter)
            for block in self.blocks
        )


def read_upload(data: bytes, column: str | None, predictor: Predictor) -> Upload:
    """Read a file, packed with gzip or not, and say what can be scored of it by this predictor.

    Raises `FileRefused` where nothing can, `FileTooLarge` where the file or its answer does not fit.
    """
    window = Window(RangedFile.of(data))
    window.fill(limits.UPLOAD_MAX_BYTES + 1)
    if not window.at_end:
        raise FileTooLarge(f"The file has more than {limits.UPLOAD_MAX_BYTES:,} bytes, unpacked: {_INSTEAD}.")
    layout, line = read_layout(window, column or DEFAULT_COLUMN, _OTHER_COLUMN)
    searched = limits.BATCH_SEARCH_MAX_CHARS - limits.UPLOAD_SEARCH_MAX_CHARS
    reader = RecordReader(window, layout.encoding, layout.delimiter, predictor.block_bytes, line, searched)
    header = header_text(layout.header, predictor.columns, layout.delimiter)
    upload = Upload(layout, header, json_bytes(header))
    widest = _widest(predictor, layout.delimiter)
    for block in reader.blocks():
        upload.lines += len(block.rows)
        _add(upload, examine(block, layout, predictor.manifest.text_max_chars), widest)
        if upload.rows > predictor.upload_rows_max_count:
            most = f"{predictor.upload_rows_max_count:,} rows for {predictor.manifest.name}"
            raise FileTooLarge(f"The file has more than {most}: {_INSTEAD}.")
    return upload


def json_bytes(text: str) -> int:
    """Count the bytes of a text as a string in a Lambda function's answer.

    Lambda's own client for Python 3.12 and later leaves characters beyond ASCII as they are:
    https://github.com/aws/aws-lambda-python-runtime-interface-client (lambda_runtime_marshaller.py)
    """
    return len(json.dumps(text, ensure_ascii=False).encode())


def result_name(name: str) -> str:
    """Return a name for the scored file: a/b.csv.gz becomes b.scored.csv."""
    last = name.replace("\\", "/").rpartition("/")[-1]
    printable = "".join(filter(str.isprintable, ENDINGS.sub("", last)))
    return f"{printable[: limits.UPLOAD_NAME_MAX_CHARS] or 'file'}.scored.csv"


def _add(upload: Upload, block: Examined, widest: Row) -> None:
    answers = [widest] * len(block.texts)
    upload.answer_bytes += json_bytes(result_text(block.rows, block.lines, answers, upload.layout.delimiter))
    room = limits.RESPONSE_MAX_BYTES - limits.RESPONSE_HEADERS_BYTES
    if upload.answer_bytes > room:
        raise FileTooLarge(f"The answer could have more than {room:,} bytes: {_INSTEAD}.")
    if upload.lines > limits.UPLOAD_LINES_MAX_COUNT:
        raise FileTooLarge(f"The file has more than {limits.UPLOAD_LINES_MAX_COUNT:,} lines: {_INSTEAD}.")
    upload.blocks.append(block)
    upload.rejected += len(block.rejects)
    missing = limits.UPLOAD_REJECTS_SHOWN_COUNT - len(upload.first_rejects)
    upload.first_rejects += block.rejects[:missing]


def _widest(predictor: Predictor, delimiter: str) -> Row:
    """The row that takes the most bytes in the answer, of all that the model may give."""
    return max(predictor.widest, key=lambda row: json_bytes(result_text([[]], [""], [row], delimiter)))
