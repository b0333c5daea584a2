"""Which names are forms of one another, and how are other alphabets written in ours? Plain data, our own.

Nicknames: names in everyday use as forms of each other in English, Spanish and their neighbours, written down by hand
for this project; modest on purpose, since each line makes strangers look alike. A name may stand in several groups.
Transliteration: the common English spelling of each letter, without marks (after BGN/PCGN, simplified).
"""

from typing import Final

LETTERS: Final = {
    # Latin letters that Unicode does not take apart into a letter and a mark.
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h",
    "ŧ": "t", "ŋ": "ng", "ĸ": "k", "ə": "a", "ƒ": "f", "ʻ": "", "ʼ": "", "ʹ": "", "ʿ": "", "ʾ": "",
    # Cyrillic.
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "ё": "yo", "є": "ye", "ж": "zh", "з": "z",
    "и": "i", "і": "i", "ї": "yi", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r",
    "с": "s", "т": "t", "у": "u", "ў": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch",
    "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya", "ђ": "dj", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c",
    "џ": "dz",
}  # fmt: skip
# After accents are gone; pairs first.
GREEK: Final = {
    "αυ": "av", "ευ": "ev", "ου": "ou", "γγ": "ng", "γκ": "gk", "μπ": "b",
    "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th", "ι": "i", "κ": "k", "λ": "l",
    "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p", "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f",
    "χ": "ch", "ψ": "ps", "ω": "o",
}  # fmt: skip

# Between names, and dropped where two others remain; "al" and "ben" are first names too, so they stay.
_BETWEEN: Final = "de del dela la las los le du des da do dos di della van von der den ter ten el bin ibn bint y e zu af av san st"
PARTICLES: Final = frozenset(_BETWEEN.split())
_BEFORE_AND_AFTER: Final = "mr mrs ms miss mx dr sir prof jr sr ii iii iv"
TITLES: Final = frozenset(_BEFORE_AND_AFTER.split())

_GROUPS: Final = """
abigail abby gail
abraham abe ibrahim
adam adan
albert al bert bertie alberto beto
alexander alex alec sandy sasha alejandro alessandro aleksandr aleksander alexandr xander
alexandra alex sandra sandy sasha alexa alejandra aleksandra lexi
alfred al fred alf alfredo
alice ali alicia
allan alan allen al
amanda mandy
amy aimee
andrew andy drew andres andrei andrey andreas andre
angela angie
ann anne anna annie nan nancy hannah ana
anthony tony antonio anton antoine toni
antonia toni
arthur art artie arturo
barbara barb barbie babs
benjamin ben benny benji
bernard bernie bernardo
beth elizabeth
bradley brad
brian bryan bryant
brianna bri
bridget biddy bridie
caitlin katelyn caitlyn kaitlyn kate
cameron cam
carl karl carlos charles carlo
caroline carol carrie carolyn carolina
cassandra cass cassie
catherine cathy kathy kate katie kathryn katherine catharine kathleen cat kit kitty catalina yekaterina ekaterina katya
charles charlie chuck chas carlos chaz
charlotte charlie lottie
christian chris cristian
christina chris tina christine cristina chrissy kristina kristin kristen
christopher chris kit topher christoph cristobal kristofer
clara claire clare
clifford cliff
cynthia cindy
daniel dan danny daniil
danielle dani
david dave davy davey dawid
deborah deb debbie debra
dennis denis denny
derek derrick deric
diana diane di dianne
dimitri dmitry dmitri dima dimitrios jim
dolores lola
dominic dom nick domenico domingo
donald don donnie
donna madonna
dorothy dot dottie dolly
douglas doug
edward ed eddie ted ned eduardo edouard teddy
edgar ed
edwin ed eddie
eleanor ellie nell nora elinor leonor
elijah eli elias
elizabeth liz beth betty lizzie eliza betsy bess libby lisa elisabeth isabel elisa
emily em emma emilia
emmanuel manny manuel manolo
enrique henry quique
eric erik
ernest ernie ernesto
eugene gene yevgeny evgeny eugenio
eva eve evie
evelyn evie
florence flo
frances fran francesca fanny
francis frank francisco paco pancho francesco franz cisco
frank franklin
frederick fred freddie federico rick
gabriel gabe gabi
gabriella gabby gabriela
gary garry gareth
geoffrey jeffrey jeff geoff jeffery
george jorge georg yuri georgios
gerald gerry jerry gerard
gilbert gil
giovanni john gianni
gregory greg gregor gregorio grigory
guillermo william memo
gustavo gus august augustus
harold harry hal
harriet hattie
helen elena helena yelena nell
henry harry hank enrique heinrich enrico
herbert herb bert
howard howie
hugh hugo hughie
ignacio nacho
irene irina
isaac ike zak
isabel isabella bella isabelle izzy
isaiah zay
ivan john vanya
jack john jackson
jacob jake jakob yakov jacobo
jacqueline jackie
james jim jimmy jamie jaime santiago diego
jane janet jean janie juana
jason jay
javier xavier
jennifer jen jenny jenna
jeremy jerry jeremiah
jerome jerry
jessica jess jessie
jesus chuy
joan joanne joanna jo johanna
joel joe
john jon johnny jack johnnie juan ian sean johan johannes ivan jean
jonathan jon jonny nathan john
jose joe pepe
joseph joe joey jose josef giuseppe yusuf youssef iosif
josephine jo josie
joshua josh
juan john juanito
judith judy
julia julie jules juliana giulia
kenneth ken kenny
kevin kev
kimberly kim
kristopher kris christopher chris
lawrence larry laurence lorenzo laurie lars
leonard leo len lenny leonardo leon
leroy roy
leslie les lesley
lewis lou louis luis ludwig
lillian lily lil
linda lindy
louis lou luis louie lewis
louise lou luisa
lucas luke luca lukas
lucy lucia luz
luke lucas
madeline maddie madeleine
marcus mark marc marco marcos
margaret maggie meg peggy marge margie rita greta margarita margo
maria mary marie mariya
mark marc
martha marty
martin marty martyn
mary molly polly maria marie mae
matthew matt mateo matthias matteo matty mathew matvey
maureen mo
maurice mo morris mauricio
megan meg meghan
melissa mel missy
melvin mel
mercedes mercy
michael mike mick mickey miguel mikhail mikey michal michel misha micheal
michelle shelly micheline
mitchell mitch
mohammed muhammad mohamed mohammad muhammed mohamad mohamet mehmet mohd mo
monica mona
nancy nan ann
natalie nat natalia natasha natalya
nathan nate nat nathaniel
nathaniel nat nate nathan
nicholas nick nicky nicolas nikolai nico nikolas nicola klaus colin
nicole nikki nicola
norman norm
oliver ollie oli
pamela pam
patricia pat patty tricia trish patti
patrick pat paddy rick patricio
paul pablo pavel paolo pauly
paula pauline
pedro peter
penelope penny
peter pete pedro petr pyotr pieter piotr pietro
philip phil phillip felipe felip filip
priscilla cilla
rachel rachael raquel
ralph raul rafe
ramon ray raymond
randall randy
raymond ray ramon
rebecca becky becca
regina gina
reginald reg reggie
rene renee
rex reginald
richard rick rich dick ricky ricardo richie dickie
robert bob rob bobby robbie roberto bert rupert
roberta bobbie
rodney rod
rodrigo rod ruy
roger rog rodger
roland rollie rolando orlando
ronald ron ronnie
rosemary rose rosie
rose rosa rosie
russell russ
ruth ruthie
samantha sam sammy
samuel sam sammy
sandra sandy
sarah sara sally sadie
scott scotty
sean shaun shawn shane john
sebastian seb bastian
sergei sergey sergio serge
sharon shari
sidney sid sydney
simon si shimon
sofia sophia sophie sonia
solomon sol suleiman
stanley stan
stephanie steph stefanie
stephen steven steve stevie stefan esteban stephan stefano
stuart stewart stu
susan sue susie suzanne susanna suzy
teresa theresa terry tess tessa
terence terry terrence
theodore ted theo teddy fyodor teodoro
thomas tom tommy tomas thom
timothy tim timmy
tobias toby
tracy tracey
tyler ty
valerie val
vanessa nessa
veronica ronnie vera
victor vic viktor vittorio
victoria vicky tori vickie
vincent vince vinny vicente
virginia ginny ginger
vladimir vlad volodya volodymyr
walter walt wally
wendy gwendolyn gwen
wesley wes
wilfred will fred
william bill will billy willie liam wilhelm guillermo willem guillaume bil
winifred winnie
yolanda yoli
zachary zach zack zac
"""


def _nicknames() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _GROUPS.splitlines():
        group = line.split()
        for name in group:
            found.setdefault(name, set()).update(group)
    return {name: frozenset(others - {name}) for name, others in found.items()}


NICKNAMES: Final = _nicknames()
