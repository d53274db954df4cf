"""Everyday English words: none of them is a misspelt medicine, however near to a name it is.

The list holds words from six letters on, for shorter ones are never taken for a misspelling. The
first part are words within two slips of a medicine's name; the second part is what people write
about their health, work and day, so that a new brand is not found in their sentences.
"""

from __future__ import annotations

_NEAR_NAMES = """
    ability actors advice allegro alliance ambient ambition ardent aspire aspiring average
    aviation benefit bitten bottle buffer calibrate capable catering certain certificate clarify
    clarity coherent compiler complaint complete complex concert concerto concord concrete
    condor conform connect content continent contra contract contrast contravene control convert
    corner cortex cotton covert create creation creative creator crystal cycling declare
    decorate decoration deliver differ different efficient elicit elide emerge emergency
    emergent endure entire equinox erring expert factor factory faster footer forest foster
    frozen furious garden garlic general genesis golfer hybrid inflect inhale inspire insulate
    interfere interior invest iodine lavender lyrical lyrics marathon matrix maximal maximum
    medical mental mineral minute mobile morphing motion native nature nephew neutral normal
    nutrient option optive ordinary palette panama parent patent patron pattern petals planet
    plaque poster prepare preserve primer proactive proactively process procure program
    programme propose protein proverb react reaction reactive regain regular relate release
    relief remove renovate rental repair report retain retinal retire retrieve return salmon
    scalp senate senior serene serious severe simulate simulation singer singular solarise
    soluble spiral starch stimulate student surgeon target tartar temper tender tetra topics
    trance transit tremor tundra universe value variety vaseline vector velvet victor vintage
    vision vitamin vivid zodiac
"""
_OF_THE_DAY = """
    address afternoon allergic almond already although always amount animal another answer
    anxious anyone anything appear appointment around arthritis asleep bandage barely bathroom
    because become bedroom before behind believe belong better between biscuit bladder bleeding
    blister bloated blood body boring bother bought brain breast breath breathe breathing bright
    brother brought bruise burning butter called cancer cannot carry change cheese chemist chest
    chicken children chocolate cholesterol christmas cinnamon circle clinic clothes coffee
    colour condition consult cotton cough course cousin cramps cucumber currant damage daughter
    deaf december decide dental dentist depend depressed dermatologist diabetes diarrhoea diesel
    digest dinner disease dizzy doctor double drawer during earlier easily eating either eleven
    emotion energy english enough evening everyone everything example excellent exercise expect
    eyelid family father february fever finger finish flower flowers foreign forget forgotten
    fourteen friday friend funny gallbladder garden gentle ginger glasses gluten goggles
    grandmother grapefruit greasy ground hardly headache health healthy heart heartburn heavy
    helpful herbal herself himself history holiday honey hormone hospital hundred husband
    illness immune important improve include increase infection inject inside instead itching
    january jogging juice kidney kitchen large latest laughing leather lemonade letter little
    liver longer lunchtime magazine manage market marriage massage matter mattress mayonnaise
    meaning measles medication medicine menopause middle migraine million mirror missing mixture
    moisturiser moisturizer moment monday morning mother mountain mouthwash muscle mustard
    myself narrow natural nausea nearly needle nerves nervous never nothing notice november
    number nurse october office often olive operation orange ordered organic other outside
    overnight oxygen package painful painkiller paper parents parsley patient peanut people
    pepper perfume perhaps period person pharmacy photo physio picture piece pillow pimple
    pineapple plaster please pneumonia pollen poorly possible potato practice pregnancy pregnant
    prescribed prescriber prescription present pressure prevent private probably problem product
    prostate pulled purple question quickly rabbit rarely rather reading really reason receipt
    recent recently recipe reduce regularly remember replace required restaurant result routine
    running saliva sandwich saturday school second secret security sensitive september several
    shampoo shopping shoulder shower sister sleeping sleepy slowly smoking sneeze sneezing
    someone something sometimes special specialist spinach spring standard stomach strange
    stress stroke strong sudden suffer sugar summer sunburn sunday sunlight sunscreen
    supermarket supplement support surgery sweating swelling swimming swollen symptom system
    table tablet talking teacher teaspoon telephone temperature thought thousand throat through
    thursday thyroid ticket tingling tissue together toilet tomato tomorrow tongue toothpaste
    treatment trouble tuesday turned twelve twenty typical ulcer under understand unknown unless
    unsure until upset urgent urine usually vaccine vegetable vegetables vinegar vomiting
    waiting walking washing watching water weather wedding wednesday weekend weight whatever
    whenever whether white winter without woman wonder working worried yellow yesterday yoghurt
    yogurt younger yourself
"""
_WORDS = frozenset(f"{_NEAR_NAMES} {_OF_THE_DAY}".split())
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ers", "or", "ion", "ions", "al", "ise", "ize", "ly")


def is_everyday(word: str) -> bool:
    """Tell whether *word* is everyday English, with or without a common ending."""
    stems = {word, *(word.removesuffix(ending) for ending in _ENDINGS)}
    return any(stem in _WORDS or f"{stem}e" in _WORDS for stem in stems)
