"""Twenty short questions, each with one exact answer, written for this project.

The battery asks them, and the simulated hosts know them, as the hosts that they stand for would.
"""

from __future__ import annotations

from typing import NamedTuple


class Canary(NamedTuple):
    question: str
    answer: str


CANARIES = (
    Canary("What is 487 * 36?", "17532"),
    Canary("What is 91 squared minus 17 squared?", "7992"),
    Canary("What is the remainder of 7777 divided by 13?", "3"),
    Canary("How many prime numbers are there between 50 and 80?", "7"),
    Canary("Write 201 in binary.", "11001001"),
    Canary("What is hexadecimal 2F3 in decimal?", "755"),
    Canary("What does this Python print? print(sum(n for n in range(1, 20) if n % 3 == 1))", "70"),
    Canary("What does this Python print? print('harbour'[::-2])", "rorh"),
    Canary("What does this Python print? print(len(set('mississippi')) * 3)", "12"),
    Canary("What does JavaScript give for [1, 2, 3].map(x => x * x).reduce((a, b) => a + b)?", "14"),
    Canary("What does this shell command print? echo $(( (7 << 3) ^ 5 ))", "61"),
    Canary("Which chemical element has atomic number 74? One word.", "tungsten"),
    Canary("In which year was the Peace of Westphalia signed?", "1648"),
    Canary("What is the capital of Burkina Faso? One word.", "Ouagadougou"),
    Canary("Which planet has the moon Triton? One word.", "Neptune"),
    Canary("Who composed the opera Rusalka? Surname only.", "Dvořák"),
    Canary("Sort these words alphabetically and give the third: plum, fig, quince, apple, medlar", "plum"),
    Canary("Spell the word lighthouse backwards.", "esuohthgil"),
    Canary("A train leaves at 21:48 and needs 5 hours 37 minutes. When does it arrive (HH:MM)?", "03:25"),
    Canary("How often does the letter e occur in “between the seven elephants”?", "8"),
)  # fmt: skip
