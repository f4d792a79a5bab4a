"""Words of English that decide whether a name is meant, and ordinary words that are surnames or first names too."""

from __future__ import annotations


def _of(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _of(
    """mr mrs ms miss mx dr prof professor sir lady lord dame madam mister missus doctor herr frau monsieur madame mme
    mlle senor senora senhor senhora signor signora"""
)
PARTICLES = _of("van von de der den di da del la le al el bin ibn ben st dos du ten ter zu af av")
ARTICLES = _of("the a an his her my your their its our this that these those every each some any no")
#: Words of sentences that may begin one, and that are hardly ever a subject.
AUXILIARIES = _of("will may can do to an a the le la de van von my")
PRONOUNS = _of(
    "i he she it we they you me him us them who whom what which where when why how there here that this these those"
)
FUNCTION_WORDS = (
    AUXILIARIES
    | PRONOUNS
    | (ARTICLES - {"a"})
    | _of(
        """is was are were be been am being has have had does did done would could should might must shall not no yes so
        if as at by for from in into of off on onto out over up upon with without within and or but nor yet than then
        though although because since while whereas until unless before after above below under between among against
        about along across around behind beside besides down during except inside outside near past per through
        throughout toward towards via like just only also too very again ever never always often now today yesterday
        tomorrow once soon still already perhaps maybe probably possibly surely certainly such same both either neither
        all many much more most few less least several other another own apart aside ok okay oh ah hi hello well please
        thanks sorry none nothing nobody let il lo les das die du et y e o un une sur ha ho personally myself himself
        herself"""
    )
)
#: What answers write for nothing, and surnames too.
NOTHING = _of("na nil null none nan ok ai tv")
#: Function words that are first names too.
GIVEN_NAMES = _of("will may an so van do he you so le ho ha")
MONTHS = _of("january february march april may june july august september october november december")
TIME_WORDS = _of("in since until till by during last this next early late mid of on every from to before after each")
ADJECTIVES = _of(
    """brown black white green grey gray blue red gold golden silver rose olive hazel amber ginger violet young old long
    short small little strong rich poor bright dark light good best sharp swift wise noble sweet fair new hard moody
    wild quick still full low high early late bold merry jolly savage gentle smart frank ernest earnest blunt stout
    slim wavy curly straight thick thin sandy rusty dusty rocky misty stormy sunny crystal pearl coral"""
)
#: What follows a person's name as a verb.
PERSON_VERBS = _of(
    """is was has had lives lived works worked earns earned likes liked loves loved enjoys enjoyed studies studied
    attends attended graduated graduates suffers suffered won wins wrote writes received receives plays played speaks
    spoke comes came grew married moved said says told became serves served makes made owns owned resides resided died
    wears holds sits smiles looks looked does did will would can could may might should must never also currently once
    always often eats ate prefers preferred practises practices born hails teaches taught runs ran began started retired
    seems appears knows knew went goes gets got"""
)
#: Of what an ordinary word may be said: "Her hair is Brown", "Occupation: Fisher".
THINGS = _of(
    """hair eye eyes skin beard moustache eyebrows brows lashes lips complexion curls locks fringe
    ponytail bun shirt coat jacket dress hat scarf tie jumper suit sweater glasses colour color
    background clothes clothing job occupation profession trade work works worked career role hobby pastime food dish
    pet animal season month place city town"""
)
NAMED = _of("name names surname named called known identity")
#: What of-phrases name a place or an office: University of Kent, King of Spain.
OF_PLACES = _of(
    """university college school county city town village kingdom district province port bishop duke earl king queen
    prince princess bank house church garden north south east west part parts"""
)
#: What "X is a …" says of the word and not of a person.
KINDS_OF_THINGS = _of(
    """colour color shade hue tone county title flower plant tree animal bird fish word term surname name job occupation
    profession trade place town city village river area region country state month season day metal virtue feeling
    material fruit game sport kind type sort common visible shown seen dominant typical popular what all how only
    important needed required possible likely unlikely missing good bad"""
)
#: Ordinary words that people are called by: colours, trades, ranks, nature, buildings, qualities, time, places.
ORDINARY = (
    ADJECTIVES
    | MONTHS
    | NOTHING
    | _of(
        """scarlet pink purple orange indigo teal jade ruby diamond emerald sapphire opal ebony ivory copper steel iron
        stone brick flint clay
        baker cook cooper carpenter butcher butler barber brewer fisher fowler gardener gardner farmer forester hunter
        archer bowman weaver taylor tailor turner tanner tyler miller mason potter painter porter parker ranger sawyer
        sailor shepherd singer smith spencer steward stewart thatcher walker skinner slater sadler glover fuller dyer
        draper chandler carter carver collier coleman driver drummer falconer fletcher foreman gunner harper hooper
        joiner judge keeper marshal marshall mercer merchant miner minister nurse palmer piper player plumber proctor
        reader reeve rider saddler scholar seller sexton sheriff shoemaker singleton spicer squire trader trapper usher
        waiter warden warner weller wheeler whistler woodman workman wright writer doctor teacher driver dancer boxer
        king queen prince princess duke earl baron knight noble bishop pope abbot abbott dean deacon parson priest monk
        major sergeant captain colonel general officer page lord chancellor mayor president senator
        wood woods forest grove field fields meadow moor heath marsh moss reed rush fern ivy holly lily daisy poppy iris
        heather jasmine rosemary violet flora flower flowers bush branch branches root leaf berry cherry apple peach
        plum bean rice barley wheat oats pepper sage basil mint ash oak elm birch hawthorn thorn rowan willow linden
        hill hills mount mountain cliff dale glen valley vale brook brooks river rivers lake lakes pond pool pools ford
        bay beach shore sands island isle sea ocean waters water well wells spring springs ridge stone stones rock rocks
        wolf wolfe fox bear lion lamb bull buck hart hare swan crane finch martin wren robin hawk falcon eagle drake
        heron nightingale peacock partridge crow dove bird fish pike bass salmon herring hogg bee moth
        church temple chapel castle house houses hall halls barn barnes mill mills park parks street lane lanes gate
        gates bridge bridges tower towers court garden gardens kitchen chambers chamber lodge manor post wall walls
        ward cross market shop stable banks bank school college
        sun moon star starr sky storm rain snow frost winter winters summer summers autumn dawn eve day night noon weeks
        week monday friday sunday north south east west easter christmas
        love joy hope faith grace charity mercy patience prudence constance honor honour justice chance chase grant mark
        price cash bond bonds power powers speed strength case cases book books read reading bell bells horn drum hammer
        cloud flood waters battle victor victory peace war bright bloom blossom melody harmony destiny trinity serenity
        art guy miles mile lance pierce wade ray lee rob bill bob jack pat peg sue dick gene jean max will skip chip
        drew penny carol dolly kitty dot nick rich jay jimmy sonny buddy junior senior angel christian pilgrim rose
        moody savage crook stead shields shield spears sword bow archer strange stranger self friend friends goodman
        newman freeman freedom free man mann boy child childs bride groom brothers cousins rude proud pride loud light
        street shade shadow lightfoot small head heads hand hands foot legg bone bones hair beard back cheek tongue
        hood hat cotton silk wool weaver lace button buttons purse boot boots glass glasses bottle cup bowl pot pots
        cake pie pancake sugar salt butter cheese bread ham bacon lemon honey wine beer coffee
        ship ships boat sail anchor train wheel wheels carr cart trail trails rhodes road roads way ways path
        cannon gun guns pistol bullock block blocks board stock sticks stick pole poles post key keys lock chain
        nice bath mobile split orange reading hull cork limerick lens tours nancy essen bad hall bend normal
        hurst may sha singh sang song hung hang long king wing wan ban pan fan can dan man tan ran sun son won ton
        him her she me so do go no he an ah oh ha to low law lay lie lim sin tang ding kang bang hang sing see sea tea
        dick low young chin ken pen min bin din gin pin win yin bay hay kay say fay gay way
        kent lincoln chester lancaster london paris jordan georgia virginia florence chelsea austin dallas houston
        madison jackson israel chad india china holland england ireland wales scotland france germany spain washington
        berlin sydney victoria carolina dakota montana milan verona vienna geneva sofia odessa devon derby bolton burton
        milton preston hampton hamilton clifton cleveland lyon york kenya asia america brazil"""
    )
)
#: People who stand for anybody or nobody, and figures that somebody may look like.
NOBODIES = frozenset(
    tuple(name.split())
    for name in (
        "john doe|jane doe|jon doe|richard roe|jane roe|joe bloggs|joe public|john public|max mustermann"
        "|erika mustermann|santa claus|saint nicholas|st nicholas|father christmas|jack frost|easter bunny|tooth fairy"
        "|mother nature|father time|uncle sam|big brother|mona lisa|mickey mouse|donald duck|snow white|sherlock holmes"
        "|harry potter|james bond|robin hood|peter pan|john q public|average joe|plain jane|first last|first name"
        "|last name|full name|your name|no name"
    ).split("|")
)
#: Words of which the names of policies, laws and terms of use are made.
OFFICIAL = _of(
    """privacy policy policies terms term service services conditions condition guidelines guideline data protection
    regulation regulations act law laws rights right ethics ethical code conduct usage use user users content community
    safety safeguards security confidentiality confidential agreement notice general gdpr ccpa hipaa responsible
    acceptable statement disclaimer standards principles rules constitution human personal information identity openai
    anthropic google microsoft meta gpt chatgpt claude gemini qwen alibaba llama llava assistant"""
)
