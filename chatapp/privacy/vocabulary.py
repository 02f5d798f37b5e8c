"""Which words are no names: known ones, and such as only medicine makes; and which may be both.

Whatever is not known here is unknown, and an unknown word beside a bed is suspect. Case does not matter.
"""

from __future__ import annotations

import re
from functools import lru_cache

from chatapp.privacy.notation import one_of, words
from chatapp.privacy.words_clinical import CLINICAL, DRUGS, EPONYMS
from chatapp.privacy.words_plain import GRAMMAR, OTHER_LANGUAGES, PLACES, PLAIN

KNOWN = GRAMMAR | PLAIN | CLINICAL | DRUGS | EPONYMS | PLACES | OTHER_LANGUAGES

ALSO_NAMES = words("""
    abbott amber angel april archer ash ashe aspen august aurora autumn bailey baker banks barber basil bay bean bear
    bell berry best bird bishop black blackwood blue bloom bond booker booth bowman brandy bright brook brooks brown
    buck bush butler cannon carter carver case cash chance chandler chase cherry church clay coffee cole cook cooper
    cotton crane cross crystal daisy dale dawn day dean destiny diamond dove drew drummer duke earl eve ernest faith
    farmer faye fern field fields fisher fleming fletcher flood flora forest foster fountain fox frank freeman french
    frost gardener gardner garland gay genesis ginger glass glen glover gold golden goodman grace grant graves gray
    green greene greenfield grey griffin grove hale hall harbor hardy harmony harper hart hawk hazel heath heather
    heaven henry hill hilton holiday holly hood hope house howe hunt hunter ivory ivy iris jade jasmine jasper jean
    jewel jordan joy judge july june justice justin kane keen kelly king kirk knight lake lamb lance lane lark laurel
    law leaf lee lily lilly little logan london long love low lucky mace madison major maple march marsh marshal
    martin mason may mercy mercer miles mill miller mills moon moody moore moss myrtle nelson noble noel north oakley
    olive opal orchid page paige painter paris parish park parker parks patience pearl penny perry peters phoenix
    piper pollard pond poole pope porter potter powers price prince prosper queen rain ray read reed reese rice rich
    rivers robin rob rocky rod rose rosemary ross rowan royal ruby rusty ruth sage sailor salmon sandy savage scarlet
    serenity sharp shepherd short silver singer skinner sky small smith snow sommers sparks speed stark steel sterling
    stone storm strange street strong summer summers sunny swan swift taylor temple thorn tower tracy tucker turner
    tyler vale van victor viola violet wade walker wall walter ward warren washington waters weaver webb weber wells
    west wheeler white wild will willow wise wolf wood woods wright yates york young zion allen barrett beck becker
    crohn evans gilbert harris hawkins jones kaplan lynch murphy richter stevens thomas thompson wilson bernard
    edwards ellison bradford hoffman sylvia virginia georgia carolina dakota savannah austin dallas houston israel
    india china mark bill jack pat sue art gene guy ken lou max tim tom vern clement gable caine ingram tanvir ranvir
    harkness paloma benjamine walters sanders saunders masters winters meadows fuller sawyer spicer thatcher baxter
    webster shearer draper fielder speaker abel adler
""")
"""Known words that are also somebody's name: a second sign decides."""

_MEDICAL_ENDING = re.compile(
    one_of("""
    itis emia aemia osis omas? ectomy ostomy otomy plasty pathy algia uria penia philia phagia pnea rrhea rrhage scopy
    graphy [oi]gram logy logist logic cele pril sartan olol statin cillin mycin micin oxacin azole zepam zolam parin
    xaban gatran formin gliptin flozin glutide semide thiazide dipine triptan setron prazole tidine codone morphone
    fentanil mab nib vir cycline sone solone amine idine arone oxetine azine apine idone peridol caine curium curonium
    barbital phylline terol tropium grastim poetin ations? itions? tional ments? ness ility ilities ically ical ious
    eous ively ative less ful able ible ism i[sz]ed i[sz]ing cardia thorax globin cytes? coccus coccal bacter virus
    toxin
    """)
    + "$"
)
_DRUG_ENDING = re.compile(
    one_of("""
    pril sartan olol statin cillin mycin micin oxacin azole zepam zolam parin xaban gatran farin formin gliptin flozin
    glutide sulin semide thiazide dipine triptan setron prazole tidine phine codone morphone fentanil pentin mab tinib
    ciclovir cycline sone solone amine idine arone
    """)
    + "$"
)
_INFLECTIONS = ("'s", "s'", "s", "es", "d", "ed", "ing", "ly", "'ll", "'d", "'re", "'ve")


@lru_cache(maxsize=8192)
def is_known(word: str) -> bool:
    """Whether `word` is one of English, medicine or the workplace, in one of its forms."""
    lower = word.lower()
    if "-" in lower:
        return all(map(is_known, filter(None, lower.split("-"))))
    return lower in KNOWN or _MEDICAL_ENDING.search(lower) is not None or not KNOWN.isdisjoint(_stems(lower))


def is_drug(word: str) -> bool:
    """Whether `word` is the name of a drug, by list or by its ending."""
    lower = word.lower()
    return lower in DRUGS or _DRUG_ENDING.search(lower) is not None


def may_be_name(word: str) -> bool:
    """Whether `word` can be somebody's name at all: unknown, or one of the words that are both."""
    return word.lower() in ALSO_NAMES or not is_known(word)


def _stems(word: str) -> list[str]:
    """What `word` may be a form of: `titrating` ─▶ titrat, titrate."""
    bare = [word[: -len(ending)] for ending in _INFLECTIONS if word.endswith(ending) and len(word) - len(ending) > 2]
    undoubled = [stem[:-1] for stem in bare if len(stem) > 3 and stem[-1] == stem[-2]]
    return bare + undoubled + [stem + "e" for stem in bare] + [stem[:-1] + "y" for stem in bare if stem.endswith("i")]
