"""How the moderation model is made: `coldframe train moderation --data DIR [--cv]`.

One softmax over hate, offensive and benign. Rows that are known only as abusive teach that they are one of
the first two.
"""

from pathlib import Path

from models.forge.linear_text import Recipe
from models.forge.threshold.objectives import BestF1, BestFBeta, PrecisionAtRecall

RECIPE = Recipe(
    folder=Path(__file__).parent,
    labels=("hate", "offensive", "benign"),
    required=("hate", "offensive", "benign"),
    names={
        "hate": "hate",
        "offensive": "offensive",
        "benign": "benign",
        "neither": "benign",
        "abusive": "abusive",
    },
    buckets=480_000,  # times two columns of float16: 1,920,000 bytes
    freedom=((0.05, 0.4), (0.05, 0.05)),
    misspelt=0.05,
    weights={"bot_turns_train": 7.0},
    objectives={
        "abusive": BestF1(),
        "hate": PrecisionAtRecall(recall=0.6),
        "offensive": BestFBeta(beta=1.5),  # with it the labels come out best: see the card
    },
    terms={
        "tweets": "MIT, as its repository says of the labels; the tweets are their authors'",
        "bot_turns_train": "CC BY 4.0 (ConvAbuse)",
        "bot_turns_valid": "CC BY 4.0 (ConvAbuse)",
    },
    allowed="**attribution asked for**",
)
