"""General English for reading schemas: abbreviations, synonyms, attribute words, nationalities. No data set's words."""

from __future__ import annotations

from .words import lemma

ABBREVIATIONS: dict[str, tuple[str, ...]] = {
    short: tuple(word for word in full.split("_") if word)
    for short, _, full in (
        pair.partition("=")
        for pair in """
    acc=account acct=account addr=address adj=adjusted alt=altitude admin=administrator amt=amount apt=apartment
    arr=arrival asst=assistant attr=attribute auth=author avail=available avg=average bal=balance bldg=building
    bdate=birth_date bday=birthday cap=capacity cat=category chg=change cd=code cls=class cnt=count cntry=country
    co=company comm=commission conf=conference cond=condition cp=capacity crs=course ctry=country ctr=center
    curr=current cust=customer dep=departure dept=department desc=description descr=description dest=destination
    dewp=dew_point diff=difference dim=dimension dir=direction disc=discount dist=distance div=division dob=birth_date
    doc=document dt=date dur=duration emp=employee eng=engine equip=equipment est=estimated exp=experience
    ext=extension fac=faculty fname=first_name freq=frequency gov=government govt=government grp=group gust=gust
    hr=hour hrs=hours hosp=hospital hum=humidity humid=humidity id=id img=image info=information init=initial
    instr=instructor inv=invoice lang=language lat=latitude len=length lname=last_name lng=longitude loc=location
    lon=longitude long=longitude lvl=level maj=major manuf=manufacturer mfg=manufacturer mfr=manufacturer mgr=manager
    mgt=management min=minimum max=maximum mo=month mth=month msg=message nat=nationality nbr=number no=number
    num=number obs=observation op=operation ord=order org=organization orig=origin pct=percent perc=percent
    pers=person ph=phone pkg=package pop=population pos=position precip=precipitation pres=pressure prev=previous
    proc=process prod=product prof=professor pts=points pub=publication pwd=password qty=quantity rcpt=receipt
    rec=record ref=reference reg=registration rel=release rep=representative req=request res=result sal=salary
    sched=scheduled schd=scheduled sec=section sem=semester seq=sequence sess=session spd=speed src=source stat=status
    std=standard stu=student subj=subject tailnum=tail_number tel=telephone temp=temperature tm=time tot=total
    trans=transaction tx=transaction txn=transaction typ=type tz=time_zone tzone=time_zone uni=university
    univ=university usr=user val=value veh=vehicle ver=version visib=visibility vol=volume wgt=weight wk=week
    wt=weight yn= yob=birth_year yr=year
    """.split()
    )
}
"""How column names are cut short, and what they stand for."""

COMPOUND_PARTS = frozenset(
    """id name code date time number type year month day country city state first last full short long birth start end
    phone mail address street zip postal price cost amount total count group level status title description home town
    order item product customer employee student teacher course class school team player game match league season
    song album artist film movie book author dept department account card bank user race driver car airport airline
    flight plane train station bus room building area region district county continent language population life
    expectancy surface head file size line text key value rate rating score rank point points weight height length
    width age sex gender salary income hire manager office job work credit limit date discount quantity unit stock
    category brand model maker horse power engine fuel speed air dep arr loc pet stu cust emp prof fac birth death
    advisor lname fname mname major minor member club party vote election semester grade test result doctor patient
    nurse medication procedure appointment block floor inventory store shop branch invoice payment method track media
    play list genre artist concert stadium singer event venue ticket museum visit visitor""".split()
)
"""Words at whose seams names written in one piece are cut (`birthdate`, `deptname`)."""

_GROUPS = """
country nation land | salary pay wage earnings remuneration | income earnings | price cost | cost charge fee expense |
cost price amount | amount sum value | car vehicle automobile auto | movie film picture | song track | song music |
teacher instructor | professor faculty | instructor professor lecturer | student pupil learner |
customer client buyer consumer purchaser shopper | employee worker staff | staff personnel | doctor physician |
phone telephone | phone cellphone mobile | email mail | begin start | start commence | end finish | kind type |
type category | type sort | category class | title name | surname last | forename first | author writer | book volume
| business company | company firm | company corporation enterprise | company manufacturer maker |
manufacturer producer maker | maker make brand | product item | product good merchandise | order purchase |
order booking | job position | job occupation profession | position role | employer company | area size |
size capacity | capacity seat | area region | region zone | location place | location position | location venue site |
place venue | address residence | city town | town municipality | state province | hometown birthplace | person people
| person individual | individual human | inhabitant resident population | citizen nationality | gender sex |
spouse wife husband | child kid | score point | score mark grade | score result | rating score | rank ranking |
level rank | level grade | team club | club society | competition contest | competition tournament | match game |
match contest | player athlete | sport game | race competition | winner champion | prize award | reward award |
flight trip | trip journey | airport airfield | airplane plane | aircraft plane | airline carrier | carrier company |
destination target | arrival landing | ship vessel boat | captain commander | course class | class lesson |
course subject | department division | school college | college university | school institution | degree diploma |
major specialization | dormitory dorm | dormitory residence | allergy allergen | pet animal | dog puppy |
breed species | building structure | house home | house property | room chamber | apartment flat | store shop |
store outlet | shop market | restaurant eatery | restaurant diner | food dish cuisine | food meal | drink beverage |
hospital clinic | treatment therapy | treatment cure | medicine drug medication | illness disease | patient case |
document file | document paper | paper article | paper publication | publication journal | journal magazine |
article paper | text content | content information | description detail | description explanation | detail information
| characteristic feature | characteristic property attribute | feature property | color colour | duration length |
length distance | distance mileage | height elevation | altitude elevation | height altitude | weight mass |
speed velocity | horsepower power | year date | date day | date time | period time | time hour | founded established |
founded creation | opened inauguration | launched release | released issue | issued publication | birthday birth |
death decease | party organization | organization institution | organization group | group band | band orchestra |
member participant | participant contestant | participant attendee | attendance audience | spectator audience |
viewer audience | guest visitor | visitor tourist | tourist traveller | user account | user member | user person |
owner proprietor | owner possessor | manager boss | manager supervisor | supervisor advisor | head leader | head chief
| leader president | president chairman | representative delegate | election vote | vote ballot | account profile |
transaction deal | payment transaction | payment settlement | bill invoice | invoice receipt | discount reduction |
tax duty | profit gain | revenue turnover | revenue sale | sale selling | stock inventory | quantity number |
number count | number amount | percentage percent | percentage share | ratio rate | rate percentage | average mean |
maximum highest | minimum lowest | total overall | status state | status condition | condition state | problem issue |
problem fault | fault error | complaint grievance | reason cause | result outcome | grade mark | comment remark |
review comment | review rating | photo picture | picture image | video clip | channel station | station stop |
program programme | show program | show performance | show concert | concert performance | concert gig | artist singer
| singer vocalist | artist musician | singer musician | musician player | actor performer | conductor director |
director filmmaker | character figure | episode instalment | genre style | style type | language tongue |
religion faith | mountain peak | mountain hill | river stream | lake water | road highway | street road |
border boundary | neighbor border | bridge crossing | train railway | rail railway | bus coach | driver pilot |
pilot aviator | engine motor | fuel gas | machine device | device equipment | equipment tool | tool instrument |
component part | part piece | version release | version edition | edition issue | code symbol | code abbreviation |
identifier id | identification id | key id | number id | code id | password passcode | tag label | label name |
series program | nickname alias | alias name | abandoned forsaken | temperature heat | wind breeze | humidity moisture
| precipitation rain | rain rainfall | visibility sight | pressure force | crime offence | weapon arm | army military
| soldier troop | law rule | policy rule | policy insurance | claim demand | contract agreement | agreement settlement
| budget fund | fund capital | asset property | debt loan | loan credit | interest rate | cost spend | visit call |
trip travel | hotel inn | hotel accommodation | wine vintage | grape variety | farm ranch | plant crop |
museum gallery | exhibition exhibit | painting artwork | theme topic | topic subject | subject theme | name title |
nationality citizenship | nationality country | market sales | mailshot mailing | delay lateness | supplier vendor |
vendor seller | seller merchant | shipment delivery | delivery shipping | warehouse depot | branch office |
office bureau | agency bureau | appointment meeting | meeting conference | conference event | event occasion |
activity action | action step | project programme | task assignment | assignment duty | skill ability |
experience expertise | tryout trial | trial test | test exam | exam examination | exam quiz | semester term |
term period | campus site | enrollment registration | enrolled registered | registration sign-up | application request
| request inquiry | question query | answer response | postcode zip | zipcode zip | height tall | phone number |
people population | person population | citizen population | inhabitant population | resident population | worth value
"""


def _synonyms() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _GROUPS.replace("\n", " ").split("|"):
        group = [lemma(word) for word in line.split()]
        for word in group:
            found.setdefault(word, set()).update(other for other in group if other != word)
    return {word: frozenset(others) for word, others in found.items()}


SYNONYMS = _synonyms()
"""Words that may stand for each other, by base form. A match through one counts less than the word itself."""

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "old": ("age", "birth", "year", "built", "opened", "founded", "date"),
    "young": ("age", "birth", "year"),
    "senior": ("age", "birth"),
    "long": ("length", "duration", "time", "distance", "life"),
    "short": ("length", "duration", "height", "time", "distance", "life"),
    "tall": ("height", "elevation", "tall"),
    "high": ("height", "elevation", "altitude", "level", "high"),
    "low": ("height", "elevation", "altitude", "level", "low"),
    "deep": ("depth",),
    "wide": ("width",),
    "big": ("area", "size", "capacity", "population", "square", "surface"),
    "large": ("area", "size", "capacity", "population", "square", "surface"),
    "small": ("area", "size", "capacity", "population", "square", "surface"),
    "great": ("amount", "size"),
    "heavy": ("weight",),
    "light": ("weight",),
    "expensive": ("price", "cost", "fee", "amount", "value"),
    "cheap": ("price", "cost", "fee", "amount", "value"),
    "costly": ("price", "cost", "fee", "amount"),
    "fast": ("speed", "time", "horsepower", "accelerate"),
    "slow": ("speed", "time", "accelerate"),
    "quick": ("speed", "time"),
    "new": ("year", "date", "time", "founded", "built", "opened"),
    "recent": ("date", "time", "year"),
    "recently": ("date", "time", "year"),
    "early": ("date", "time", "year"),
    "late": ("date", "time", "year"),
    "last": ("date", "time", "year"),
    "first": ("date", "time", "year"),
    "populous": ("population",),
    "populated": ("population",),
    "populace": ("population",),
    "dense": ("density",),
    "rich": ("income", "salary", "wealth", "worth", "money", "balance", "gnp", "gdp"),
    "poor": ("income", "salary", "wealth", "worth", "money", "balance", "gnp", "gdp"),
    "paid": ("salary", "wage", "pay", "income"),
    "hot": ("temperature",),
    "warm": ("temperature",),
    "cold": ("temperature",),
    "windy": ("wind speed", "wind"),
    "loud": ("volume",),
    "powerful": ("power", "horsepower"),
    "valuable": ("value", "price", "worth"),
    "successful": ("gross", "win", "point", "score"),
    "good": ("rating", "score", "rank", "grade", "result"),
    "bad": ("rating", "score", "rank", "grade", "result"),
}
"""What an adjective or adverb measures, most likely first."""

ATTRIBUTE_DOWN = frozenset("young short low small light cheap slow early first poor cold bad".split())
"""Adjectives that point to the small end of what they measure."""

WH_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "when": ("date", "time", "year", "day"),
    "where": ("location", "place", "address", "city", "hometown", "country", "venue", "site"),
    "who": ("name", "person", "person name"),
    "how old": ("age", "birth"),
    "how long": ("length", "duration", "time", "distance"),
    "how far": ("distance",),
    "how tall": ("height",),
    "how high": ("height", "elevation", "altitude"),
    "how heavy": ("weight",),
    "how big": ("area", "size", "population", "capacity"),
    "how large": ("area", "size", "population", "capacity"),
    "how fast": ("speed",),
    "how deep": ("depth",),
    "how expensive": ("price", "cost"),
}

NATIONALITIES: dict[str, tuple[str, ...]] = {
    adjective: tuple(name.replace("_", " ") for name in names.split("/"))
    for adjective, _, names in (
        pair.partition("=")
        for pair in """
    american=united_states/usa/us/america/north_america/united_states_of_america
    british=united_kingdom/uk/britain/great_britain/england english=england/united_kingdom french=france
    german=germany italian=italy spanish=spain portuguese=portugal dutch=netherlands belgian=belgium swiss=switzerland
    austrian=austria swedish=sweden norwegian=norway danish=denmark finnish=finland icelandic=iceland irish=ireland
    scottish=scotland welsh=wales polish=poland czech=czech_republic/czechia slovak=slovakia hungarian=hungary
    romanian=romania bulgarian=bulgaria greek=greece turkish=turkey russian=russia/russian_federation
    ukrainian=ukraine serbian=serbia croatian=croatia slovenian=slovenia bosnian=bosnia albanian=albania
    estonian=estonia latvian=latvia lithuanian=lithuania chinese=china japanese=japan korean=korea/south_korea
    indian=india pakistani=pakistan bangladeshi=bangladesh thai=thailand vietnamese=vietnam indonesian=indonesia
    malaysian=malaysia filipino=philippines singaporean=singapore australian=australia canadian=canada mexican=mexico
    brazilian=brazil argentine=argentina argentinian=argentina chilean=chile colombian=colombia peruvian=peru
    venezuelan=venezuela cuban=cuba jamaican=jamaica egyptian=egypt moroccan=morocco tunisian=tunisia algerian=algeria
    nigerian=nigeria kenyan=kenya ethiopian=ethiopia ghanaian=ghana african=africa european=europe asian=asia
    israeli=israel iranian=iran iraqi=iraq saudi=saudi_arabia lebanese=lebanon syrian=syria afghan=afghanistan
    jordanian=jordan male=m/man/boy female=f/woman/girl man=male/m woman=female/f boy=male/m girl=female/f
    usa=united_states/us us=united_states/usa uk=united_kingdom america=usa/united_states
    """.split()
    )
}
"""Adjectives and the values they name, tried when the word itself is no known value."""

ACTUAL_WORDS = frozenset({"scheduled", "planned", "expected", "estimated", "promised", "due", "target", "required"})
"""Prefixes of a planned event's column: its twin without the word holds when it happened."""

NOT_HAPPENED = frozenset(
    """cancelled canceled cancel cancellation undelivered unshipped unpaid missed unreturned unfinished
    incomplete""".split()
)
"""Status words saying that a planned event did not happen."""
