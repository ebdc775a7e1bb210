# wrong: send is never awaited
async def act(decision, proposal, send):
    if decision is None or decision.kind == "refused":
        return None
    if decision.kind not in ("approved", "edited"):
        raise ValueError(decision.kind)
    text = proposal.text if decision.kind == "approved" else decision.text
    if not text.strip():
        raise ValueError("empty")
    send(text)
    return text
