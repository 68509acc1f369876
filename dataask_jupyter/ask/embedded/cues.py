"""The closed vocabulary of questions: words that operate on data instead of naming it."""

from __future__ import annotations

from ...semantic.lexicon import ATTRIBUTE_DOWN, ATTRIBUTES

FUNCTION_WORDS = frozenset(
    """a an the of in on at by for from to with and or is are was were be been being am do does did done has have had
    having that which who whom whose where when what how why this these those there here their its his her our my your
    it they them he she we you i us me as than then so if but also too only just any some all each every both either
    neither nor not no never without please can could would will shall should may might must let lets s t about into
    onto over under between among across per within during after before since until through out up down off via again
    same such own other another others else more most less least few fewer many much very really currently now ever
    still already yet whether because while corresponding respective respectively associated related given following
    available exist exists existing belong belongs belonging together along well like thing things one ones themselves
    itself it's that's what's whats who's there's i'd i'm don't doesn't didn't isn't aren't wasn't weren't hasn't
    haven't hadn't can't cannot won't""".split()
)
"""Words without content of their own."""

SOFT_WORDS = frozenset(
    """show list find give tell display return get fetch retrieve select provide report print see want know need like
    name names named called call information info detail details data record records row rows table tables database
    entry entries lists listed result results answer question value values compute calculate determine identify
    describe present output look search me use uses used using make makes made making take takes taken took taking
    include includes included including contain come comes came coming go goes going went live lives living lived
    locate located locates locating stay stays reside happen happens happened occur occurs occurred held hold holds
    holding host hosts hosted hosting own owns owned owning gets got offer offers offered offering work works worked
    working play plays played playing participate participates participated participating attend attends attended
    attending enroll enrolled enrolls register registered serve serves served serving teach teaches taught teaching
    operate operates operated
    operating perform performs performed performing
    produce produces produced producing provides provided receive receives
    received receiving win wins winning buy buys bought purchase purchased sell sold write wrote written directed
    direct directs sing sings sang sung appear appears appeared assigned assign assigns treat treats treated cost
    costs costing spend spends spent pay pays paid visit visits visited visiting fly flies flying flew flown depart
    departs departing departed arrive arrives arriving arrived land lands landing leave leaves leaving left drive
    drives drove driven driving run runs running ran ranked rank speak speaks spoken speaking spoke study studies
    studied studying born died create creates created creating start starts started starting end ends ended become
    becomes became cover covers covered covering hire hires hired hiring belong refer refers referred correspond
    corresponds total overall combined different various specific certain particular individual single entire whole
    every possible placed place places recorded logged saw seen usually often time times ordered order sorted sort
    group grouped based according regarding concerning stored store stores available exactly real actual currently
    people person persons someone anyone everybody kind kinds type types orders pair pairs combination combinations
    chart graph plot bar line pie scatter histogram visualize visualise draw y x axis describing showing
    distribution trend compare comparison against versus vs relationship correlation respect""".split()
)
"""Words that are content elsewhere but may stay unread here: commands and the verbs that tie things together."""

COMMANDS = frozenset(
    """show list find give tell display return get fetch retrieve select provide report print compute calculate plot
    draw visualize visualise identify""".split()
)

_TABLE = """
    count <- how many | number of | numbers of | count of | count the number of | total number of | total count of |
        the count of | count
    count_rows <- how many times | number of times | the number of times
    count_or_sum <- amount of
    sum <- how much | total amount of | sum of | sum | total | combined | cumulative | overall
    count_bare <- numbers
    avg <- average | averages | mean | avg | on average
    avg_count <- average number of
    skip <- in total | there | the | a | an | any | some | these | also
    min <- minimum | min
    max <- maximum | max
    median <- median
    std <- standard deviation of
    distinct <- different | distinct | unique | distinctive | diverse | distinctly | without repetition | without
        duplicates | with no repeats
    > <- more than | greater than | larger than | higher than | bigger than | over | above | exceeding | exceeds |
        exceed | in excess of | beyond | better than | >
    >= <- at least | no less than | not less than | no fewer than | minimum of | greater than or equal to | more
        than or equal to | a minimum of | larger than or equal to | higher than or equal to | >=
    < <- less than | fewer than | smaller than | lower than | below | under | worse than | <
    <= <- at most | no more than | not more than | up to | less than or equal to | a maximum of | maximum of |
        smaller than or equal to | lower than or equal to | fewer than or equal to | <=
    >=post <- or more | or above | or higher | or over | or older | and above | and over | or greater | or later
    <=post <- or fewer | or less | or below | or lower | or younger | or earlier
    sup_count+ <- majority of | most common | most popular | most frequent | most frequently | most commonly | most
        often | most prevalent | most widely | most times | most commonly used | most frequently used | most
        predominant
    = <- equal to | equals | equal | exactly | the same as | =
    only <- only | just
    != <- not equal to | different from | other than | except | except for | excluding | apart from | besides |
        instead of
    not <- not from | not | never | without | don't | doesn't | didn't | isn't | aren't | wasn't | weren't | hasn't
        | haven't | hadn't | cannot | no | without any | do not | does not | did not | is not | are not | was not |
        were not | has not | have not | have no | has no | had no | do not have any | does not have any | did not
        have any | not any | with no | have never | has never | had not | non | not have | do not have | does not
        have | did not have | not in | is never | neither | none of | excludes | lack | lacks | lacking | have not
        been | has not been | were never | was never | are never | can't
    between <- between | in the range of | ranging from
    before <- before | prior to | earlier than
    until <- until | by the end of
    after <- after | later than | later
    since <- since | starting from | as of
    like <- containing | contain | contains | contain the word | contains the word | containing the word | with the
        word | has the word | include the word | have the word | the word | the string | the substring | the letter
        | the phrase | has the substring | substring | contains the substring | contains the letter | contain the
        letter | includes the word | including the word
    like? <- including
    starts <- starts with | start with | starting with | begins with | begin with | beginning with | starts with the
        letter | start with the letter | starting with the letter
    ends <- ends with | end with | ending with
    null <- missing | null | unknown | not available | is null | are null | is empty | is missing
    notnull <- not null | is not null | not missing
    but_not <- but not
    each <- for each | for every | in each | of each | by each | per | each | every | from each | on each | at each
        | within each | grouped by | group by | grouping by | broken down by | broken out by | split by | for all
        the different | for the different | with each | to each | under each | segmented by | for each of | of every
        | in every | for each of the | each of the | each of | by every | per each
    across <- across
    by_count <- by the number of
    order <- ordered by | order by | sorted by | sort by | in order of | sorted in order of | arranged by | ranked
        by | listed by | sorting by | ordering by | sort them by | order them by | sort the results by | sort the
        result by | order the results by | order the result by | listed in order of | rank by | ordered in terms of
        | sorted according to | ordered according to | sort the list by | sorted using | arranged in order of | in
        the order of | sort results by | order results by
    order? <- sorted | ordered | ranked | sort
    asc <- ascending | increasing | alphabetical | alphabetically | alphabetic | lexicographical | lexicographic |
        lexicographically | from low to high | low to high | from lowest to highest | lowest to highest | from
        smallest to largest | smallest to largest | from youngest to oldest | youngest to oldest | from oldest to
        newest | from a to z | a to z | asc | from least to most | least to most | chronological | chronologically |
        from earliest to latest | from old to new | from short to long | from small to large | from young to old |
        from oldest to most recent | from early to late | from cheapest to most expensive | from shortest to longest
        | from the youngest to the oldest | from the lowest to the highest
    desc <- descending | decreasing | from high to low | high to low | reverse alphabetical | from highest to lowest
        | highest to lowest | from largest to smallest | desc | largest to smallest | from oldest to youngest | from
        the oldest to the youngest | oldest to youngest | from newest to oldest | from most to least | most to least
        | from z to a | z to a | reverse lexicographical | reversed lexicographical | from most recent to oldest |
        from latest to earliest | from large to small | from old to young | from long to short | from longest to
        shortest | reverse chronological | from most expensive to cheapest | from new to old | from the highest to
        the lowest | descendingly
    both <- both
    either <- either
    or <- or
    and <- and | and also | & | but
    and_select <- as well as | along with | together with | plus | in addition to | alongside | accompanied by
    share <- percentage of | percent of | share of | proportion of | fraction of | what percentage of | what share
        of | what percent of | what fraction of | what proportion of
    sup_count- <- least common | least popular | least frequent | least frequently
    sup_number+ <- most number of | highest number of | largest number of | greatest number of | maximum number of |
        biggest number of | largest amount of | highest amount of | greatest amount of | most amount of | max number
        of | most numbers of
    cmp_number+ <- higher number of
    sup_number- <- least number of | lowest number of | smallest number of | fewest number of | minimum number of |
        smallest amount of | least amount of | lowest amount of | minimal number of
    sup+ <- most | highest | greatest
    sup+large <- largest | biggest
    sup- <- least | fewest | lowest
    sup-small <- smallest
    top <- top
    bottom <- bottom
    first <- first
    >n <- more
    <n <- fewer | less
    grain:month <- monthly | month by month | by month | per month | each month | for each month | every month | in
        each month
    grain:year <- yearly | annual | annually | year by year | over the years | by year | per year | each year | for
        each year | every year | in each year
    grain:day <- daily | by day | per day | each day | for each day | every day
    grain:week <- weekly | by week | per week | each week
    grain:quarter <- quarterly | by quarter | per quarter
    grain:hour <- hourly | by hour | per hour
    grain:auto <- over time
    grain:weekday <- by weekday | per weekday | by day of the week | by day of week | per day of the week | on each
        day of the week
    rel <- that | whom
    rel_or_wh <- who | where | when
    whose <- whose
    how <- how old | how long | how far | how tall | how high | how heavy | how big | how large | how fast | how
        deep | how expensive
    wh <- which | what
    with <- with | having
    have <- have | has | had
    prep <- of | in | from | for | at | on | to | into | among | within | during
    by <- by
    be <- is | are | was | were
    their <- their | its | his | her
    named <- named | called | titled | entitled
    than <- than
    all <- all
    rel_those <- those
    star <- everything | *
"""
"""What a phrase operates: `cue <- phrase | phrase …`, continued on deeper lines."""


def _phrases() -> dict[str, str]:
    entries: list[tuple[str, str]] = []
    for line in _TABLE.strip("\n").split("\n"):
        head, arrow, rest = line.partition(" <- ")
        if arrow:
            entries.append((head.strip(), rest))
        else:
            entries[-1] = (entries[-1][0], f"{entries[-1][1]} {line.strip()}")
    return {phrase.strip(): cue for cue, phrases in entries for phrase in phrases.split("|")}


def _comparatives() -> dict[str, str]:
    """Older than, most expensive, heaviest …: from the adjectives that measure something."""
    irregular = {
        "good": ("better", "best"), "bad": ("worse", "worst"), "old": ("older", "oldest"), "recently": ("", ""),
        "early": ("earlier", "earliest"), "late": ("later", "latest"), "heavy": ("heavier", "heaviest"),
        "windy": ("windier", "windiest"), "costly": ("costlier", "costliest"), "big": ("bigger", "biggest"),
        "hot": ("hotter", "hottest"), "wide": ("wider", "widest"), "large": ("larger", "largest"),
        "dense": ("denser", "densest"),
    }  # fmt: skip
    found: dict[str, str] = {}
    for adjective in ATTRIBUTES:
        sign = "-" if adjective in ATTRIBUTE_DOWN else "+"
        other = "+" if sign == "-" else "-"
        comparative, superlative = irregular.get(adjective, (adjective + "er", adjective + "est"))
        if adjective in ("great", "last", "first", "paid"):
            comparative = superlative = ""
        if superlative:
            found.setdefault(superlative, f"sup{sign}@{adjective}")
            found.setdefault(comparative + " than", f"cmp{sign}@{adjective}")
        found[f"most {adjective}"] = f"sup{sign}@{adjective}"
        found[f"least {adjective}"] = f"sup{other}@{adjective}"
        found[f"more {adjective} than"] = f"cmp{sign}@{adjective}"
        found[f"less {adjective} than"] = f"cmp{other}@{adjective}"
    found["most recently"] = "sup+@recent"
    found["highest paid"] = "sup+@paid"
    return found


PHRASES: dict[tuple[str, ...], str] = {
    tuple(phrase.split()): cue for phrase, cue in {**_comparatives(), **_phrases()}.items()
}
"""Cue phrases by their words, lower case as written."""

MAX_PHRASE = max(len(words) for words in PHRASES)

NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
    )
} | {"twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100, "thousand": 1000, "once": 1, "twice": 2, "dozen": 12}

SCALES = {"thousand": 1_000, "k": 1_000, "million": 1_000_000, "m": 1_000_000, "billion": 1_000_000_000, "hundred": 100}

MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sep sept", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip

WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("sunday sundays", "monday mondays", "tuesday tuesdays", "wednesday wednesdays", "thursday thursdays",
         "friday fridays", "saturday saturdays")
    )
    for name in names.split()
}  # fmt: skip

UNITS = frozenset(
    """minute minutes hour hours second seconds day days week weeks year years month months mile miles km kilometer
    kilometers meter meters feet foot inch inches pound pounds kg kilogram kilograms gram grams dollar dollars euro
    euros percent mph degrees degree usd eur cent cents ton tons people""".split()
)
