# wrong: the edited text is changed
async def act(decision, proposal, send):
    if decision is None or decision.kind == "refused":
        return None
    if decision.kind not in ("approved", "edited"):
        raise ValueError(decision.kind)
    text = (proposal.text if decision.kind == "approved" else decision.text).strip()
    if not text:
        raise ValueError("empty")
    await send(text)
    return text
