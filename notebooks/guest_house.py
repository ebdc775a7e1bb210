"""Heron House of lesson 18, which is invented: who answers there, and a long conversation with a
guest.
"""

from mas_helpers.agents import Turn

DESK = """You answer guests of Heron House, a guest house by a lake. Use what was said earlier in
this conversation. What you weren't told, you say you weren't told. At most two sentences."""

WRITER = """You sum up a conversation with a guest of Heron House for the colleague who takes over.
At most 40 words."""

PLAN = """You plan a guest's day at Heron House. Split the wish into 2 to 4 subtasks that all begin
at once. Each goes to one worker, by its kind: kitchen, lake or walks. A worker sees its subtask and
nothing else, so each subtask says all that its worker needs. Under needs, list the numbers of the
subtasks whose results it needs."""

LONG = [
    Turn("We are two adults and two children, Mia and Tom.", "Noted: four guests."),
    Turn("Mia can't eat nuts.", "The kitchen will cook without nuts for Mia."),
    Turn("We come by train, on Friday at 16:40.", "A driver will wait at the station."),
    Turn("Can you set up a cot?", "Yes, but not in the tower room."),
    Turn("Then not the tower. The garden room?", "The garden room, number 7, is yours."),
    Turn("What is the price of a night?", "96 francs, breakfast included."),
    Turn("Tom is afraid of dogs.", "The house dog will stay in the yard."),
    Turn("May we sleep late?", "Breakfast is served until 10:30."),
    Turn("Is there a boat?", "Rowing boats lie at the jetty, and life vests."),
    Turn("How deep is the lake?", "Two metres at the jetty."),
    Turn("And is it warm?", "19 degrees this week."),
    Turn("Any rain on Saturday?", "Dry until 15:00, then showers."),
    Turn("Where can we walk?", "Around the lake, 5 km and flat."),
    Turn("Can a pram do that?", "Yes, the path is gravel."),
    Turn("Is there a shop?", "In the village, until 18:00."),
    Turn("Thank you!", "You're welcome."),
]

# a question about an old turn, and the words without which nobody can answer it
QUESTIONS = {
    "Which of our children can't eat nuts?": "Mia can't eat nuts",
    "When does our train arrive?": "16:40",
    "What number is our room?": "number 7",
    "What does a night cost?": "96",
    "What is Tom afraid of?": "dogs",
    "Until when is there breakfast?": "10:30",
    "Who waits for us at the station?": "driver",
    "Does one of us have an allergy?": "nuts",
}
