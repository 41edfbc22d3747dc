"""What plates are painted in and what stands on them beside the serial."""

from __future__ import annotations

from lpr.training.synthetic.canvas import Colour

WHITE, BLACK = (240, 240, 240), (25, 25, 25)
# BGR. Ground and character colours as seen on the road; jittered below.
US_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    (WHITE, (120, 40, 20)), (WHITE, (40, 30, 160)), (WHITE, (60, 90, 20)), (WHITE, BLACK),
    ((230, 220, 200), (130, 60, 30)),
    ((60, 190, 240), (110, 40, 20)), ((140, 60, 20), (240, 240, 240)), ((110, 50, 20), (60, 190, 235)),
    (BLACK, (60, 190, 235)),
    (BLACK, WHITE), ((70, 120, 20), WHITE), ((200, 225, 235), (40, 40, 40)), ((235, 215, 190), (110, 30, 30)),
    ((190, 220, 245), (60, 40, 120)), ((150, 210, 220), (70, 40, 20)), ((60, 60, 170), WHITE),
)  # fmt: skip
EU_COLOURS: tuple[tuple[Colour, Colour], ...] = (
    (WHITE, BLACK), (WHITE, BLACK), (WHITE, BLACK), (WHITE, BLACK), ((40, 190, 240), BLACK), (WHITE, (30, 30, 190)),
    (BLACK, WHITE), ((40, 200, 230), BLACK), (WHITE, (60, 110, 20)), ((140, 60, 30), WHITE), ((40, 40, 170), WHITE),
    ((210, 180, 130), (120, 70, 30)),
)  # fmt: skip
STATES = (
    "ALABAMA,Alaska,ARIZONA,Arkansas,California,COLORADO,Connecticut,DELAWARE,Florida,Georgia,HAWAII,Idaho,Illinois,"
    "INDIANA,Iowa,KANSAS,Kentucky,Louisiana,MAINE,Maryland,Massachusetts,MICHIGAN,Minnesota,MISSISSIPPI,Missouri,"
    "MONTANA,Nebraska,NEVADA,New Hampshire,New Jersey,New Mexico,NEW YORK,North Carolina,NORTH DAKOTA,Ohio,OKLAHOMA,"
    "Oregon,PENNSYLVANIA,Rhode Island,South Carolina,South Dakota,Tennessee,TEXAS,Utah,Vermont,VIRGINIA,WASHINGTON,"
    "West Virginia,WISCONSIN,Wyoming,ONTARIO,Quebec,British Columbia,ALBERTA,Manitoba,NEW SOUTH WALES,VICTORIA,"
    "JALISCO,Nuevo Leon,EDO MEX,CDMX"
).split(",")
SLOGANS = (
    "Sunshine State,The Lone Star State,EMPIRE STATE,First in Flight,Garden State,Live Free or Die,"
    "Grand Canyon State,"
    "dmv.ca.gov,"
    "MYFLORIDA.COM,Beautiful,TREASURE STATE,Land of Lincoln,10,000 lakes,The Spirit of America,Show-Me State,"
    "SPORTSMAN'S PARADISE,America's Dairyland,Sweet Home,Vacationland,In God We Trust,WILD WONDERFUL,Je me souviens,"
    "BIRTHPLACE OF AVIATION,DISABLED VETERAN,Keep it beautiful,PINELLAS,HINDS,DEALER,VETERAN,www.plates.example"
).split(",")
DEALERS = (
    "AUTOMOTIVE,Motors,TOYOTA of Springfield,Mercedes-Benz,HONDA,Family Ford,BEDFORD,LANGLEY,auto mall,Subaru City,"
    "CHEVROLET"
).split(",")
BANDS = "D F I E P B NL L A CZ SK PL H RO BG SLO HR GR DK S FIN EST LV LT IRL GB UK M CY N CH UA TR BIH SRB".split()
TOWNS = ("CURITIBA", "SAO PAULO", "RIO DE JANEIRO", "PARANAGUA", "LONDRINA", "RECIFE")

#: What special plates say beside the serial, lines parted by ``|``.
BESIDE = (
    "USA", "U|S", "US", "DONATE|LIFE", "DISABLED|VETERAN", "FIRE|FIGHTER", "VET", "NRA", "PTA", "EMS", "TEACH", "DV",
    "UA", "POW|MIA", "ARMY", "NAVY", "USMC", "COLLEGE", "WILDLIFE", "HORSELESS|CARRIAGE", "DEALER", "FARM", "TRUCK",
    "TAXI", "APPOR|TIONED", "STATE|UNIV", "ALUMNI", "KIDS|FIRST", "HERITAGE", "PRO|EARTH",
)  # fmt: skip
