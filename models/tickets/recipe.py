"""What set-up makes of the ticket triage: its embeddings, by the encoder that was built here.

`python -m models.tickets.recipe`; heads, mix and thresholds come from `coldframe kb build` and are committed.
"""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from coldframe.triage.vectors import EMBEDDINGS
from models.forge.knowledge.build import open_encoder
from models.forge.knowledge.examples import embed
from models.forge.knowledge.files import read
from models.forge.knowledge.store import embeddings_npz

FOLDER = Path(__file__).parent


def main() -> None:
    """Write embeddings.npz: 3 MB, which are not committed."""
    document = read(FOLDER)
    encoder, made_by = open_encoder()
    with Progress(console=Console()) as bar:
        task = bar.add_task("Embedding what the service desk knows", total=len(document.texts))
        vectors = embed(document.texts, encoder, lambda _, done, __: bar.update(task, completed=done))
    (FOLDER / EMBEDDINGS).write_bytes(embeddings_npz(vectors, document, made_by))


if __name__ == "__main__":
    main()
