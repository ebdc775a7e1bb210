"""Tempting wrong answers to the exercises of 18_memory, and what to ask back."""

from mas_helpers.agents import SessionChanged, Turn


def that_fit(turns, max_words):
    """A long turn is skipped and an older, shorter one is taken: the history has a hole. To the
    agent, the answer before the hole seems to be about the question behind it.

    Ask back: which turn is missing in the middle? What will the agent take "that one" for?
    """
    kept, words = [], 0
    for turn in reversed(turns):
        length = len(turn.question.split()) + len(turn.answer.split())
        if words + length <= max_words:
            kept.insert(0, turn)
            words += length
    return kept


async def safe_turn(store, session, question, ask):
    """The history is read once, before the loop: each new try asks with the old turns, and is
    compared with the old number, so it can never succeed.

    Ask back: what does the second call know of the turn that came in between?
    """
    turns = store.load(session)
    for calls in (1, 2, 3):
        answer = await ask(turns, question)
        try:
            store.append(session, Turn(question, answer), after=len(turns))
            return answer
        except SessionChanged:
            if calls == 3:
                raise
