"""How a knowledge base is made: document → examples → heads → evidence, unseen → mix, thresholds → files."""
