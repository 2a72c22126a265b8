"""How a knowledge base is made: document → embeddings and windows → heads → mix → thresholds → a version's files."""
