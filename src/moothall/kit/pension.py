"""State Pension age: the day somebody reaches it (Pensions Act 2014, section 26; Pensions Act 2007 from 1977 is left aside).

Born up to 5 April 1960 it is 66; born from 6 March 1961 it is 67; between, 66 and as many months as months have begun since.
"""

from datetime import date

_RISES, _RISEN = date(1960, 4, 6), date(1961, 3, 6)


def reached_on(born: date) -> date:
    """The day somebody born on a day reaches State Pension age; that it is for both sexes alike holds for all born since 1954."""
    if born < _RISES:
        return _later(born, years=66)
    if born >= _RISEN:
        return _later(born, years=67)
    months = (born.year - 1960) * 12 + born.month - 4 + (1 if born.day >= 6 else 0)
    return _later(born, years=66, months=months)


def _later(born: date, *, years: int, months: int = 0) -> date:
    """A day so much later; the last of its month where that month has no such day."""
    whole = born.year * 12 + born.month - 1 + years * 12 + months
    year, month = divmod(whole, 12)
    for day in range(born.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(born.day, 28))
