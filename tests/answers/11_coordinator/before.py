import re

from mas_helpers.agents import (
    contains_words,
    fact_check,
    normalize,
    revision_prompt,
    sentences,
    write_and_check,
)
