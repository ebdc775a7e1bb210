# right: the text is chosen by a plain function
def text_of_decision(decision, proposal):
    if decision.kind == "approved":
        return proposal.text
    if decision.kind == "edited" and decision.text.strip() != "":
        return decision.text
    raise ValueError(f"{decision}")


async def act(decision, proposal, send):
    if getattr(decision, "kind", "refused") == "refused":
        return
    text = text_of_decision(decision, proposal)
    await send(text)
    return text
