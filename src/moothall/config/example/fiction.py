"""Made-up people and days for a large example, ready for COPY. Nobody of these names exists, nor the streets."""

import random
from datetime import date, datetime, timedelta

_FIRST = (
    "Ada Amara Aisha Bea Bram Cai Cora Dai Della Efa Eli Esme Fay Finn Gita Gwen Hal Hana Ida Imran Ines Iwan Jai June"
    " Kai Kofi Lena Lowri Mair Milo Mina Nia Noor Olga Omar Otis Pia Priya Quill Rafi Rhys Rosa Sami Sian Tao Tess Uma"
    " Vera Wren Yana Zac Zola"
)
_BEGINNINGS = (
    "Amber Bramble Candle Copper Cricket Dapple Feather Fiddle Ginger Harbour Hazel Juniper Kettle Lantern Linnet Maple"
    " Marble Meadow Nettle Nutmeg Otter Pebble Pepper Plover Quince Raven Russet Saffron Silver Sorrel Tansy Teasel"
    " Thimble Thistle Velvet Walnut Willow Winter Yarrow Zephyr"
)
_ENDINGS = (
    "acre beck bridge by croft dale den fell field ford gate grove ham heath hill holt hurst ley mere moor more ridge"
    " shaw side son stead stone thorpe ton well wick wood worth"
)
_STREETS = ("Sample Street", "Pattern Lane", "Example Road", "Specimen Way", "Model Close", "Fiction Avenue")
LAST = tuple(f"{beginning}{ending}" for beginning in _BEGINNINGS.split() for ending in _ENDINGS.split())
FIRST = tuple(_FIRST.split())
CLOCK = tuple(
    f"{hour:02}:{minute:02}:{second:02}+00" for hour in range(24) for minute in range(60) for second in range(60)
)
OPENS, CLOSES = 9 * 3600, 17 * 3600  # the office, in seconds of a day
BIRTHDAYS = tuple(str(date(1930, 1, 1) + timedelta(days=day)) for day in range(75 * 365))
YEARS = 3


class Days:
    """The working days of some years until the day before `now`; a day is its place among them."""

    def __init__(self, now: datetime) -> None:
        until = now.date() - timedelta(days=1)
        first = until - timedelta(days=366 * (YEARS + 1))
        every = (first + timedelta(days=day) for day in range((until - first).days + 1))
        self.names = tuple(str(day) for day in every if day.weekday() < 5)
        self.last = len(self.names) - 1

    def moment(self, day: int, second: int) -> str:
        """A time of such a day as PostgreSQL reads it; `second` of the day."""
        return f"{self.names[min(max(day, 0), self.last)]} {CLOCK[second]}"


def address(number: int, chance: random.Random) -> str:
    """Line 1, line 2, town and postcode, parted by tabs: in places that do not exist."""
    last = LAST[number % len(LAST)]
    inward = f"{number % 9 + 1}{'ABDEFGHJLN'[number // 9 % 10]}{'PQRSTUWXYZ'[number // 90 % 10]}"
    street = _STREETS[number % len(_STREETS)]
    return f"{int(chance.random() * 180) + 1} {last} {street}\t\tExampleton\tEX{number // 900 % 40 + 1} {inward}"
