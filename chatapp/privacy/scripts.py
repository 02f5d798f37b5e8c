"""Names in scripts without capitals or without Latin letters: Chinese, Japanese, Korean, Arabic, Cyrillic.

There a surname, a form of address or an age right beside it is the cue. Names in Latin letters are `names.py`'s
business.
"""

from __future__ import annotations

import re

from chatapp.privacy.rules import Reading, Rule

_HAN = "\u4e00-\u9fff"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "張劉陳楊黃趙吳孫馬羅鄭許韓馮鄧蕭蔣餘葉蘇魏呂盧薑鍾譚陸範賈韋鄒閻龍陶賀顧錢嚴湯"
)
_COMPOUND = "(?:欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|司徒)"
_ARABIC = "\u0621-\u064a"
_NO_ARABIC_NAME = re.compile(
    r"(?:ي(?!اسر|وسف|حيى|عقوب|اسين)|ت(?!امر|وفيق|سنيم)|في$|من$|على$|مع$|عند|الذي|التي|عمره|عمرها|مصاب|بعد|هو$|هي$|إلى$|لا$|كبار|بال|ال(?:ذين|مصاب|مسن))"
)


def _an_arabic_name(_reading: Reading, match: re.Match[str]) -> bool:
    return _NO_ARABIC_NAME.match(match["it"]) is None


RULES = (
    Rule(
        "han-name-and-age",
        "NAME",
        re.compile(
            rf"(?<![{_HAN}])(?P<it>(?:{_COMPOUND}|[{_SURNAMES}])[{_HAN}]{{1,2}})(?=[,、\s(]{{0,2}}[男女]?性?[,、\s]{{0,2}}\d{{1,3}}岁|[,、\s(]{{0,2}}[男女][,,、\s])"
        ),
    ),
    Rule(
        "han-patient",
        "NAME",
        re.compile(
            rf"(?:病人|患者|病患|患儿|姓名|家属|产妇|孕妇)[:,\s]?(?:是|叫|名叫)?\s?(?P<it>(?:{_COMPOUND}|[{_SURNAMES}])[{_HAN}]{{1,2}})(?=[,。、:\s(?\d]|血压|体温|心率|胸|腹|[的今因有在需出入男女]|$)"
        ),
    ),
    Rule(
        "han-possession",
        "NAME",
        re.compile(
            rf"(?P<it>(?:{_COMPOUND}|[{_SURNAMES}])[{_HAN}]{{1,2}})(?=的(?:出院|病历|病歷|化验|检查|血|尿|家属|家屬|诊断|手术|用药|医嘱|主管|床|CT|MRI|报告|情况))"
        ),
    ),
    Rule(
        "han-address",
        "NAME",
        re.compile(rf"(?P<it>[{_SURNAMES}][{_HAN}]{{0,2}})(?=先生|女士|小姐|太太|阿姨|大爷|奶奶|爷爷|老人)"),
    ),
    Rule(
        "kana-address",
        "NAME",
        re.compile(
            rf"(?P<it>[{_HAN}\u30a0-\u30ff]{{1,6}}|[\u3041-\u3096]{{2,5}})(?=さん|様(?!々|子|式))(?!患者|お客|皆)"
        ),
    ),
    Rule(
        "hangul-patient",
        "NAME",
        re.compile(
            r"(?:환자|보호자)\s?(?P<it>[\uac00-\ud7a3]{2,4})(?=씨|님|[\s,]\s?\d{1,3}세)|(?<![\uac00-\ud7a3])(?P<other>[\uac00-\ud7a3]{2,4})씨"
        ),
    ),
    Rule(
        "arabic-patient",
        "NAME",
        re.compile(
            rf"(?:المريضة?|السيدة?|مريضي|مريضتي|الحاجة?|زوجته|زوجها|ابنه|ابنتها)\s(?P<it>[{_ARABIC}]{{2,20}}(?:\s[{_ARABIC}]{{2,20}})?)"
        ),
        look=_an_arabic_name,
    ),
    Rule(
        "cyrillic-patient",
        "NAME",
        re.compile(
            r"(?:[Пп]ациент\w{0,3}|[Бб]ольн\w{2,3}|г-н|г-жа|[Гг]осподин|[Гг]оспожа|пацієнт\w{0,3})\s"
            r"(?P<it>[А-ЯЁІЇЄ][а-яёіїє]{1,20}(?:\s[А-ЯЁІЇЄ][а-яёіїє.]{0,20}){0,2})"
        ),
    ),
)
