"""Which words are no names: known ones, and such as only medicine makes; and which may be both.

Asked by the rules, which know that a name is announced there; what is only suspected is weighed in `weighing.py`.
"""

from __future__ import annotations

from functools import lru_cache

from chatapp.privacy.lexicon import LEXICON, Trait
from chatapp.privacy.tokens import BOTH, COMMON, DRUG, MEDICAL, NAME, WORD, is_medical_by_ending, traits_of


@lru_cache(maxsize=8192)
def is_known(word: str) -> bool:
    """Whether `word` is one of English, medicine or the workplace, in one of its forms, and on no list of names."""
    low = word.lower()
    traits = traits_of(low)
    if traits & (COMMON | WORD | MEDICAL):
        return True
    return bool(traits and not traits & NAME) or is_medical_by_ending(low)


def may_be_name(word: str) -> bool:
    """Whether `word` can be somebody's name at all: unknown, on a list of names, or one of the words that are both."""
    traits = traits_of(word.lower())
    return bool(traits & BOTH) or bool(traits & NAME and not traits & (COMMON | MEDICAL)) or not is_known(word)


def is_drug(word: str) -> bool:
    """Whether `word` is the name of a drug, by list or by its ending."""
    low = word.lower()
    return bool(traits_of(low) & DRUG) or is_medical_by_ending(low)


def is_public(name: str) -> bool:
    """Whether `name` is that of somebody whom everybody knows: `Maya Angelou`."""
    return bool(LEXICON.traits(name.lower()) & Trait.PUBLIC)
