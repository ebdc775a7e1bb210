# wrong: no decision is taken for a yes
async def act(decision, proposal, send):
    if decision and decision.kind == "refused":
        return None
    if decision and decision.kind not in ("approved", "edited"):
        raise ValueError(decision.kind)
    text = decision.text if decision and decision.kind == "edited" else proposal.text
    if not text.strip():
        raise ValueError("empty")
    await send(text)
    return text
