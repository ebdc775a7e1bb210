"""The exam of lesson 22: 40 questions on the corpus, 20 messages for a router, and who answers
them. The questions are in exam.yaml.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from mas_helpers import HAIKU, Agent, cost_usd, table

HERE = Path(__file__).parent
DEPARTMENTS = ["billing", "booking", "repair", "other"]
# to a bike shop, with the department that each is for
MESSAGES = [
    ("billing", "I paid a deposit and it has not come back."),
    ("billing", "Why is there a cleaning fee on my receipt?"),
    ("billing", "The brakes failed at noon. Is any of the day's price paid back?"),
    ("billing", "Please send me the invoice again."),
    ("billing", "You took 40 instead of 20 from my card."),
    ("booking", "Two bikes and a child seat for Saturday, please."),
    ("booking", "Can I keep the cargo bike until Monday?"),
    ("booking", "It looks like rain tomorrow. What happens if we do not come?"),
    ("booking", "Is a tandem free tomorrow morning?"),
    ("booking", "Please move our reservation to Friday."),
    ("repair", "The chain came off and I cannot get it back on."),
    ("repair", "My rear tyre is flat and I am at the lighthouse."),
    ("repair", "The e-bike shows error 7 and the motor is silent."),
    ("repair", "The saddle keeps slipping down."),
    ("repair", "The gears skip when I go uphill."),
    ("other", "I left my red scarf in the basket."),
    ("other", "Do you have a job for the summer?"),
    ("other", "Your bikes made our weekend. Thank you."),
    ("other", "Which way is it to the harbour?"),
    ("other", "Is there a toilet near the shop?"),
]


@dataclass(frozen=True)
class Question:
    """A question on one document, and every way to write its answer: `("forty", "40")`."""

    document: str
    text: str
    accept: tuple[str, ...]
    right: tuple[str, ...] = ()  # what we, who read all recorded answers, call right

    @property
    def prompt(self):
        """The document, then the question."""
        return f"{page(self.document)}\n\nQuestion: {self.text}"


def page(document):
    return (HERE / "corpus" / f"{document}.md").read_text("utf-8").strip()


ENTRIES = yaml.safe_load((HERE / "exam.yaml").read_text("utf-8"))
QUESTIONS = [
    Question(e["document"], e["question"], tuple(e["accept"]), tuple(e.get("right", ())))
    for e in ENTRIES
]


def marked_right(case):
    """True for a recorded answer that we call right. Another model's answers you mark yourself."""
    return case.text in case.question.right


def build_router(client):
    system = "You sort messages to a bike shop."
    return Agent("router", HAIKU, system, client=client, max_tokens=12)


def routing_prompt(message):
    which = "Which department: billing, booking, repair or other? Answer with one word."
    return f"Message: {message}\n\n{which}"


def build_reader(client):
    system = "Answer the question from the document, in one short sentence."
    return Agent("reader", HAIKU, system, client=client, max_tokens=60)


def build_judge(client):
    system = "You grade answers. An answer is right if the document says so, else wrong."
    return Agent("judge", HAIKU, system, client=client, max_tokens=12)


def judging_prompt(question, answer):
    return f"{question.prompt}\nAnswer: {answer}\n\nIs this answer right? Say yes or no."


FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
WORDS = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+")


def find_words(text):
    """The words and figures of a text, in small letters: `["a", "single", "costs", "2.00"]`."""
    return WORDS.findall(text.lower())


def figures(text):
    """The figures of a text: `{"2.00", "1,830"}`."""
    return frozenset(FIGURE.findall(text))


def department(text):
    """The first department that a text names, or "none"."""
    return next((word for word in find_words(text) if word in DEPARTMENTS), "none")


def known_good(question):
    """Three answers that every grader must pass."""
    (right, *_) = question.accept
    return [f"{right}.", f"The answer is {right}.", f"By the document, it's {right}!"]


def known_bad(question):
    """Four that no grader may pass: all that stands there, no answer at all, a figure too many, and
    the right figure denied.
    """
    (right, *_) = question.accept
    return [page(question.document), "", f"It's {right} or 1,234.", f"It's not {right}."]


def count_passed(grader):
    """How many known-good and known-bad answers a grader passes: `(120, 0)`."""
    kinds = known_good, known_bad
    return [sum(grader(text, q) for q in QUESTIONS for text in make(q)) for make in kinds]


def is_supported(case):
    """True where an answer has figures, and each is in the document or the question."""
    named = figures(case.text)
    return bool(named) and named <= set(find_words(case.question.prompt))


def vote(cases):
    """The first answer with the figures that most answers have, and all of them, to be paid for."""
    counts = Counter(figures(case.text) for case in cases if case.text)
    most = max(counts, key=counts.get, default=None)
    return next((c for c in cases if c.text and figures(c.text) == most), cases[0]), cases


def compare_ways(ways, runs, grader):
    """By way: what is right, question by question, as lists; and a table of what that took."""
    right, rows = {}, []
    for name, way in ways.items():
        results = [way(cases) for cases in zip(*runs, strict=True)]
        right[name] = [grader(case.text, case.question) for case, _ in results]
        paid = [case for _, cases in results for case in cases]
        tokens, seconds = sum(c.tokens for c in paid), sum(c.seconds for c in paid)
        each = as_if(HAIKU, paid) / max(1, sum(right[name]))
        rows.append(
            (name, sum(right[name]), tokens, f"{each:.6f}", round(seconds / len(results), 1))
        )
    headings = ["who", "right", "tokens", "dollars per right answer", "seconds a question"]
    return right, table(rows, headings)


def as_if(model, cases):
    """Dollars: the tokens of these answers at the price of that model, which gave none of them."""
    return float(sum(cost_usd(replace(call, model=model)) for case in cases for call in case.calls))


def weeks_failed(gate, rates, kept, weeks=1000):
    """In how many weeks a gate fails when only that share of what was right stays right: with each
    question asked once, and five times.
    """
    rng, failed = random.Random(2), []
    for times in (1, 5):
        before, after = rates * times, [rate * kept for rate in rates] * times
        pairs = ((simulate_run(before, rng), simulate_run(after, rng)) for _ in range(weeks))
        failed.append(sum(gate(*pair) for pair in pairs))
    return failed


def simulate_run(rates, rng):
    """One run of an exam, True where right: each question has a chance of its own."""
    return [rng.random() < rate for rate in rates]


def simulate_differences(questions, gain, exams=300, right=0.4):
    """What many exams say of a system that is better by `gain`, on average: "better", "can't tell"
    or "worse", by the 95 % interval of the difference.
    """
    rng, said = random.Random(22), {"better": 0, "can't tell": 0, "worse": 0}
    for _ in range(exams):
        gains = [(rng.random() < right + gain) - (rng.random() < right) for _ in range(questions)]
        middle = sum(gains) / questions
        spread = 1.96 * (sum((one - middle) ** 2 for one in gains) / questions**2) ** 0.5
        verdict = "better" if middle > spread else "worse" if middle < -spread else "can't tell"
        said[verdict] += 1
    return said
