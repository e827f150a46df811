"""Say in words whether an outcome holds on every machine."""

from collections.abc import Mapping

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def say_agreement(outcome: str, each: Mapping[int, str], *, is_open: bool = False) -> str:
    """Return on which machines an *outcome* holds, from that of *each* by its number.

    An outcome that *is_open* holds nowhere; what was found on each machine is said instead.

    >>> say_agreement("faster", {1: "faster", 2: "faster", 3: "faster"})
    'it holds on all three machines'
    >>> say_agreement("faster", {1: "inconclusive", 2: "faster", 3: "inconclusive"})
    'it holds only on machine 2; inconclusive on machines 1 and 3'
    >>> say_agreement("inconclusive", {1: "faster", 2: "slower"}, is_open=True)
    'faster on machine 1; slower on machine 2'
    """
    every = "both machines" if len(each) == 2 else f"all {name_number(len(each))} machines"
    groups = {one: [number for number, other in each.items() if other == one] for one in each.values()}
    if len(groups) == 1:
        (only,) = groups
        return f"it holds on {every}" if only == outcome and not is_open else f"{only} on {every}"
    if is_open or outcome not in groups:
        return "; ".join(f"{one} on {_name_machines(numbers)}" for one, numbers in groups.items())
    rest = [f"{one} on {_name_machines(numbers)}" for one, numbers in groups.items() if one != outcome]
    return "; ".join([f"it holds only on {_name_machines(groups[outcome])}", *rest])


def name_number(number: int) -> str:
    """Return *number* as a word, where it is below ten."""
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def _name_machines(numbers: list[int]) -> str:
    *most, last = map(str, numbers)
    return f"machine{'s' * bool(most)} {' and '.join(filter(None, [', '.join(most), last]))}"
