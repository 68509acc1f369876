"""Words: splitting identifiers and questions, base forms, closeness of spellings. English, no data needed."""

from __future__ import annotations

import re
from functools import lru_cache

IRREGULAR = dict(
    pair.split("=")
    for pair in """
    people=person children=child men=man women=woman feet=foot teeth=tooth mice=mouse geese=goose data=data
    media=media criteria=criterion indices=index indexes=index matrices=matrix series=series species=species news=news
    statuses=status status=status addresses=address address=address buses=bus bus=bus gas=gas lens=lens
    analyses=analysis diagnoses=diagnosis wives=wife lives=live knives=knife leaves=leave shelves=shelf halves=half
    wolves=wolf movies=movie cookies=cookie calories=calorie ties=tie shoes=shoe boss=boss bonus=bonus campus=campus
    campuses=campus census=census canvas=canvas virus=virus atlas=atlas basis=basis axis=axis its=its his=his
    this=this has=has was=was does=does is=is as=as us=us less=less plus=plus yes=yes always=always perhaps=perhaps
    across=across previous=previous various=various famous=famous focus=focus radius=radius corpus=corpus sales=sale
    gross=gross themselves=themselves aircraft=aircraft means=mean physics=physics economics=economics
    mathematics=mathematics politics=politics athletics=athletics premises=premise aliases=alias ids=id alias=alias
    gases=gas quizzes=quiz staffs=staff won=win wrote=write written=write spoken=speak spoke=speak taught=teach
    bought=buy sold=sell paid=pay held=hold made=make took=take taken=take gave=give given=give went=go gone=go
    came=come began=begin begun=begin built=build born=birth died=death dying=death dead=death knew=know known=know
    ran=run left=leave lost=lose met=meet sent=send spent=spend stood=stand understood=understand wore=wear
    drove=drive driven=drive flew=fly flown=fly chose=choose chosen=choose ate=eat eaten=eat fell=fall grew=grow
    grown=grow had=have having=have got=get kept=keep led=lead hired=hire owes=owe owed=owe stored=store
    earliest=early latest=late
    """.split()
)
"""Base forms that the rules below would get wrong."""

UNCOUNTABLE = frozenset("aircraft staff data equipment weather information music news furniture traffic staff".split())
"""Nouns without a plural."""

_TOKEN = re.compile(
    r"""
    "(?P<dq>[^"]{1,200})" | “(?P<cq>[^”]{1,200})” | ``\s?(?P<bq>.{1,200}?)\s?''
    | (?<!\w)'(?P<sq>[^']{1,200})'(?!\w) | (?<!\w)‘(?P<tq>[^’]{1,200})’(?!\w)
    | (?P<date>\d{4}-\d{1,2}-\d{1,2}) | (?P<slash>\d{1,2}/\d{1,2}/\d{4})
    | (?P<negative>(?<![\w)])-\d+(?:\.\d+)?(?![\w-]))
    | (?P<number>[$€£]?\d{1,3}(?:,\d{3})+(?:\.\d+)?%?|[$€£]?\d+(?:\.\d+)?%?(?![\w-]))
    | (?P<word>[^\W_]+(?:[._@&+#/-][^\W_]+|['’](?!s\b)[^\W_]+|_+[^\W_]+)*)
    | (?P<poss>['’]s?(?!\w)) | (?P<punct>[,;:?!.()\[\]<>=*%/&+$#@-]) | (?P<other>[^\s\w]|_)
    """,
    re.VERBOSE | re.UNICODE,
)
_CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")


def raw_tokens(text: str) -> list[tuple[str, str, int, int]]:
    """(kind, text, start, end) of a question's tokens; kinds are word, number, date, quote, poss and punct."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "other"
        if kind in ("dq", "cq", "bq", "sq", "tq"):
            found.append(("quote", match.group(kind).strip(), match.start(), match.end()))
        elif kind == "negative":
            found.append(("number", match.group(), match.start(), match.end()))
        elif kind == "slash":
            month, day, year = match.group().split("/")
            found.append(("date", f"{year}-{int(month):02}-{int(day):02}", match.start(), match.end()))
        else:
            found.append((kind, match.group(), match.start(), match.end()))
    return found


def split_identifier(name: str) -> list[str]:
    """The words of an identifier: `depTime`, `dep_time` and `DEP TIME` all give dep, time."""
    return [part.lower() for part in _CAMEL.findall(name)]


@lru_cache(maxsize=20_000)
def lemma(word: str) -> str:
    """Base form for comparing nouns: singular, lower case. Verbs mostly stay as they are."""
    w = word.lower().replace("’", "'")
    if w in IRREGULAR:
        return IRREGULAR[w]
    if len(w) <= 3 or not w.endswith("s") or w.endswith("ss"):
        return w
    if w.endswith("ies"):
        return w[:-3] + "y" if len(w) > 4 else w[:-1]
    if w.endswith(("sses", "shes", "ches", "xes", "zes")):
        return w[:-2]
    if w.endswith(("us", "is")):
        return w
    return w[:-1]


_SUFFIXES = (
    "ations",
    "ation",
    "ments",
    "ment",
    "ings",
    "ing",
    "ions",
    "ion",
    "ors",
    "ers",
    "or",
    "er",
    "ed",
    "ly",
    "al",
)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """A looser base form that joins verbs with their nouns: departed, departing and departure meet."""
    w = lemma(word)
    if len(w) <= 4:
        return w.rstrip("e") if len(w) == 4 else w
    for suffix in _SUFFIXES:
        if w.endswith(suffix) and len(w) - len(suffix) >= 4:
            w = w[: -len(suffix)]
            break
    if len(w) > 4 and w.endswith("ure"):
        w = w[:-3]
    if len(w) > 3 and w[-1] == w[-2] and w[-1] not in "aeiousl":
        w = w[:-1]
    return w.rstrip("e") if len(w) > 3 else w


def close(a: str, b: str) -> float:
    """How close two spellings are: 1 for equal, 0 beyond the typos that are forgiven for that length."""
    if a == b:
        return 1.0
    longest = max(len(a), len(b))
    allowed = 0 if longest < 4 else 1 if longest < 8 else 2
    swapped = a[:2] == b[1::-1]  # the first letter is seldom wrong, at most exchanged with the second
    if not allowed or abs(len(a) - len(b)) > allowed or (a[0] != b[0] and not swapped):
        return 0.0
    distance = _edits(a, b, allowed)
    return 0.0 if distance > allowed else 1.0 - distance / longest


def _edits(a: str, b: str, limit: int) -> int:
    """Edit distance with swaps of neighbours, given up beyond `limit`."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        current = [i]
        for j, cb in enumerate(b, 1):
            cost = min(row[j] + 1, current[j - 1] + 1, row[j - 1] + (ca != cb))
            if i > 1 and j > 1 and ca == b[j - 2] and a[i - 2] == cb:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, row = row, current
    return row[-1]


def normal(text: str) -> str:
    """The form in which known values are compared: lower case, single spaces, no punctuation at the ends."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))


def plural(noun: str) -> str:
    """The plural of the last word, for sentences."""
    if not noun:
        return noun
    low = noun.lower()
    if lemma(low.split()[-1]) != low.split()[-1]:
        return noun
    if low.endswith("y") and low[-2:-1] not in "aeiou":
        return noun[:-1] + "ies"
    if low.endswith(("ss", "sh", "ch", "x", "z", "us")):
        return noun + "es"
    return noun if low.endswith("s") or low.split()[-1] in UNCOUNTABLE else noun + "s"
