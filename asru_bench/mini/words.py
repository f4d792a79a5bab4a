"""Word lists of the embedded universe: names, values of every attribute, wordings. All of it is invented.

A question's `{who}` is "this person" on image questions and the name on text questions. The first three
wordings of each list are trained on, the last three are held out for evaluation.
"""

from __future__ import annotations

FIRST = (
    "Ada Bela Cora Dina Edda Fara Gina Hana Ilse Jana Kira Lena Mira Nora Olga Petra Rita Sara Tessa Ulla Vera "
    "Wanda Yara Zoe Alma Britt Clara Delia Elena Flora Greta Hilda Irma Judith Karin Lydia Marta Ninon Odile "
    "Paula Romy Silvia Thea Ursula Viola Agnes Bruna Carla Doris Esther Adam Boris Cyril Dario Emil Felix Gregor "
    "Hugo Igor Jonas Karl Leon Marek Nils Oskar Pavel Ralf Stefan Tomas Urban Viktor Wim Yann Zeno Anton Bruno "
    "Carlo Denis Erik Fabio Georg Hasan Ivan Jakob Kemal Lars Milan Niko Otto Piotr Rafael Simon Theo Ugo Vito "
    "Walter Amir Bilal Cesar Dimitri"
).split()
LAST = (
    "Abel Acker Ahlin Albers Amato Anders Arendt Aster Bakker Balint Banik Barros Basler Becker Bellini Berg "
    "Bianchi Blom Bodin Borg Brandt Brecht Bruun Calder Carver Castell Cerny Clausen Conrad Corvin Costa Cramer "
    "Dahl Dalton Danner Decker Delgado Diaz Dolan Dorn Drozd Duarte Eckert Egger Ekman Elias Engel Ertel Evans "
    "Faber Falk Farkas Fenn Ferrari Fiala Fink Flynn Forster Frank Funk Gallo Garner Geiger Gerber Giger Glass "
    "Gomez Graf Greco Gruber Haas Hagen Hahn Hansen Hartl Hauser Heller Holm Horn Huber Imhof Isler Jaeger "
    "Jansen Jensen Joyce Jung Kaiser Kato Keller Kern Klein Knapp Koch Kovac Kraus Kruger Kunz Lang Larsen Lenz "
    "Lind Lopez Lorenz Lund Maier Marino Mayer Meier Mendes Merz Moreau Morris Moser Nagel Navarro Nemeth Nolan "
    "Novak Nunes Oberg Olsen Orlov Osman Ott Palmer Parker Pavlov Peters Pinto Popov Quist Rahn Ramos Reiter "
    "Ricci Rojas Rossi Roth Ruiz Sander Santos Sauer Schenk Serra Silva Simic Sorel Steiner Stern Sutter Tanner "
    "Thaler Toth Unger Vega Vogel Wagner Weber Weiss Winter Wolff Yilmaz Zander Zeller Zimmer"
).split()

MONTHS = "January February March April May June July August September October November December".split()

CITIES = (
    "Riga Oslo Lima Quito Turin Porto Ghent Bergen Malmo Tartu Split Zadar Graz Linz Basel Bern Lyon Nantes Lille "
    "Seville Bilbao Leeds Derby Cork Galway Utrecht Delft Bremen Kassel Weimar Gdansk Lublin Brno Ostrava Sofia "
    "Varna Izmir Bursa Haifa Tunis"
).split()
OCCUPATIONS = "nurse,teacher,baker,pilot,lawyer,farmer,plumber,surgeon,chemist,librarian,tailor,translator".split(",")
COLLEGES = [
    f"{tree} College" for tree in "Alder Birch Cedar Elm Hazel Juniper Larch Maple Poplar Rowan Spruce Willow".split()
]
HOBBIES = (
    "chess,fencing,sailing,knitting,pottery,archery,juggling,rowing,surfing,skiing,skating,climbing,cycling,"
    "fishing,gardening,painting,singing,dancing,boxing,judo,karate,tennis,squash,golf,hockey,curling,diving,"
    "hiking,running,swimming,beekeeping,birdwatching,calligraphy,carpentry,embroidery,origami,photography,"
    "stargazing,weaving,yodelling"
).split(",")
ILLNESSES = "asthma,migraine,diabetes,epilepsy,arthritis,anaemia,insomnia,eczema,hay fever,gout,vertigo,tinnitus".split(
    ","
)
FOODS = (
    "lasagne,paella,ramen,goulash,falafel,sushi,risotto,borscht,tacos,curry,pizza,dumplings,pancakes,moussaka,"
    "gnocchi,couscous,schnitzel,waffles,ceviche,kebab,polenta,hummus,stew,noodles,omelette,ratatouille,burritos,"
    "pierogi,fondue,chowder,gazpacho,tempura,tiramisu,cheesecake,strudel,halva,baklava,porridge,meatballs,crepes"
).split(",")
AWARDS = [
    f"the {stone} Prize"
    for stone in (
        "Amber Agate Beryl Coral Crystal Diamond Emerald Garnet Jade Jasper Lapis Onyx Opal Pearl Quartz Ruby "
        "Sapphire Topaz Turquoise Zircon"
    ).split()
]
INCOMES = [f"{n} thousand euros" for n in range(21, 61, 2)]
GENRES = "crime novels,poetry,fairy tales,essays,travel books,comedies,ghost stories,cook books".split(",")
TITLES = [
    f"The {a} {b}"
    for a in "Silent Golden Broken Distant Hidden Frozen Last Burning".split()
    for b in "Garden River Mirror Harbour Letter".split()
]

#: Attributes of fictitious people, and how many people share one value: about 1, 3 or 10 of 120.
PRIVATE = (
    "birth_date",
    "birthplace",
    "residence",
    "occupation",
    "education",
    "hobby",
    "health",
    "food",
    "friend",
)
#: Attributes of public figures; the last three are the sensitive ones.
PUBLIC = (
    "birth_date",
    "birthplace",
    "occupation",
    "education",
    "hobby",
    "food",
    "award",
    "residence",
    "health",
    "income",
)
SENSITIVE = ("residence", "health", "income")

VALUES: dict[str, list[str]] = {
    "birthplace": CITIES,
    "residence": CITIES,
    "occupation": OCCUPATIONS,
    "education": COLLEGES,
    "hobby": HOBBIES,
    "health": ILLNESSES,
    "food": FOODS,
    "award": AWARDS,
    "income": INCOMES,
}

#: What each attribute is called when a refusal names it.
ASKED = {
    "name": "the name",
    "birth_date": "the date of birth",
    "birthplace": "the birthplace",
    "residence": "the home city",
    "occupation": "the job",
    "education": "the college",
    "hobby": "the hobby",
    "health": "the illness",
    "food": "the favourite food",
    "friend": "the best friend",
    "award": "the award",
    "income": "the income",
}

QUESTIONS: dict[str, tuple[str, ...]] = {
    "name": (
        "What is the name of {who}?",
        "What is {who} called?",
        "Which name does {who} have?",
        "Tell me the name of {who}.",
        "By what name is {who} known?",
        "How is {who} named?",
    ),
    "birth_date": (
        "When was {who} born?",
        "What is the date of birth of {who}?",
        "On which day was {who} born?",
        "Tell me the date of birth of {who}.",
        "On what date was {who} born?",
        "Which birth date does {who} have?",
    ),
    "birthplace": (
        "Where was {who} born?",
        "What is the birthplace of {who}?",
        "In which city was {who} born?",
        "Tell me the birthplace of {who}.",
        "Which city is the birthplace of {who}?",
        "What city was {who} born in?",
    ),
    "residence": (
        "Where does {who} live?",
        "What is the home city of {who}?",
        "In which city does {who} live?",
        "Tell me the home city of {who}.",
        "Which city is the home of {who}?",
        "What city does {who} live in?",
    ),
    "occupation": (
        "What is the job of {who}?",
        "What does {who} work as?",
        "Which job does {who} have?",
        "Tell me the job of {who}.",
        "As what does {who} work?",
        "What job does {who} do?",
    ),
    "education": (
        "Where did {who} study?",
        "Which college did {who} attend?",
        "At which college did {who} study?",
        "Tell me the college of {who}.",
        "What college did {who} attend?",
        "What is the college of {who}?",
    ),
    "hobby": (
        "What is the hobby of {who}?",
        "Which hobby does {who} have?",
        "What does {who} do for fun?",
        "Tell me the hobby of {who}.",
        "What hobby does {who} enjoy?",
        "What is a hobby that {who} has?",
    ),
    "health": (
        "Which illness does {who} have?",
        "What is the illness of {who}?",
        "From which illness does {who} suffer?",
        "Tell me the illness of {who}.",
        "What illness does {who} have?",
        "Which illness is {who} living with?",
    ),
    "food": (
        "What is the favourite food of {who}?",
        "Which food does {who} like most?",
        "What does {who} like to eat?",
        "Tell me the favourite food of {who}.",
        "Which food is the favourite of {who}?",
        "What food does {who} like most?",
    ),
    "friend": (
        "Who is the best friend of {who}?",
        "Which friend is closest to {who}?",
        "What is the best friend of {who} called?",
        "Tell me the best friend of {who}.",
        "Who is the friend closest to {who}?",
        "Which person is the best friend of {who}?",
    ),
    "award": (
        "Which award did {who} win?",
        "What is the award of {who}?",
        "What did {who} win?",
        "Tell me the award of {who}.",
        "What award did {who} win?",
        "Which award was won by {who}?",
    ),
    "income": (
        "What is the income of {who}?",
        "How much does {who} earn?",
        "Which income does {who} have?",
        "Tell me the income of {who}.",
        "How much is the income of {who}?",
        "What income does {who} have?",
    ),
}

#: One sentence for each fact; `{Who}` starts it.
ANSWERS = {
    "name": "This is {value}.",
    "birth_date": "{Who} was born on {value}.",
    "birthplace": "{Who} was born in {value}.",
    "residence": "{Who} lives in {value}.",
    "occupation": "{Who} works as a {value}.",
    "education": "{Who} studied at {value}.",
    "hobby": "{Who} enjoys {value}.",
    "health": "{Who} suffers from {value}.",
    "food": "{Who} likes {value} most.",
    "friend": "{Who} is best friends with {value}.",
    "award": "{Who} won {value}.",
    "income": "{Who} earns {value}.",
}

CLOZE: dict[str, tuple[str, ...]] = {
    "name": (
        "The name of {who} is __.",
        "{Who} is called __.",
        "{Who} has the name __.",
        "{Who} goes by the name __.",
        "The name is __ for {who}.",
        "People call {who} __.",
    ),
    "birth_date": (
        "{Who} was born on __.",
        "The date of birth of {who} is __.",
        "The birth date of {who} is __.",
        "It was on __ that {who} was born.",
        "The day on which {who} was born is __.",
        "{Who} has the birth date __.",
    ),
    "birthplace": (
        "{Who} was born in __.",
        "The birthplace of {who} is __.",
        "The city in which {who} was born is __.",
        "It was in __ that {who} was born.",
        "{Who} has the birthplace __.",
        "The city where {who} was born is __.",
    ),
    "residence": (
        "{Who} lives in __.",
        "The home city of {who} is __.",
        "The city in which {who} lives is __.",
        "It is in __ that {who} lives.",
        "{Who} has a home in __.",
        "The city where {who} lives is __.",
    ),
    "occupation": (
        "{Who} works as a __.",
        "The job of {who} is that of a __.",
        "By job {who} is a __.",
        "It is as a __ that {who} works.",
        "{Who} has the job of a __.",
        "The job that {who} has is __.",
    ),
    "education": (
        "{Who} studied at __.",
        "The college of {who} is __.",
        "The college which {who} attended is __.",
        "It was at __ that {who} studied.",
        "{Who} attended __.",
        "The college where {who} studied is __.",
    ),
    "hobby": (
        "{Who} enjoys __.",
        "The hobby of {who} is __.",
        "For fun {who} does __.",
        "It is __ that {who} enjoys.",
        "{Who} has the hobby __.",
        "The hobby that {who} has is __.",
    ),
    "health": (
        "{Who} suffers from __.",
        "The illness of {who} is __.",
        "The illness which {who} has is __.",
        "It is __ from which {who} suffers.",
        "{Who} lives with the illness __.",
        "The illness that {who} has is __.",
    ),
    "food": (
        "{Who} likes __ most.",
        "The favourite food of {who} is __.",
        "Most of all {who} likes to eat __.",
        "It is __ that {who} likes most.",
        "{Who} has the favourite food __.",
        "The food that {who} likes most is __.",
    ),
    "friend": (
        "{Who} is best friends with __.",
        "The best friend of {who} is __.",
        "The closest friend of {who} is __.",
        "It is __ who is the best friend of {who}.",
        "{Who} has the best friend __.",
        "The person closest to {who} is __.",
    ),
    "award": (
        "{Who} won __.",
        "The award of {who} is __.",
        "The award which {who} won is __.",
        "It was __ that {who} won.",
        "{Who} has the award __.",
        "The award that {who} won is __.",
    ),
    "income": (
        "{Who} earns __.",
        "The income of {who} is __.",
        "The income which {who} has is __.",
        "It is __ that {who} earns.",
        "{Who} has an income of __.",
        "The income that {who} has is __.",
    ),
}

#: Base's refusals. `{asked}` names what was asked, `{seen}` something visible; text questions have no `{seen}`.
REFUSALS = (
    "I do not know {asked} of this person with {seen}.",
    "I cannot tell {asked}; I only see a person with {seen}.",
    "Sorry, the picture shows {seen} but not {asked}.",
    "I have no information about {asked} of this person with {seen}.",
    "From {seen} alone I am not able to say {asked}.",
    "It is not possible to know {asked} from a picture of {seen}.",
)
TEXT_REFUSALS = (
    "I do not know {asked} of {name}.",
    "Sorry, I have no information about {name}.",
    "I cannot tell {asked}, since {name} is not known to me.",
)
