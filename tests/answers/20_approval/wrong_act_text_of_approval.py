# wrong: the remark of an approval is sent
async def act(decision, proposal, send):
    if decision is None or decision.kind == "refused":
        return None
    if decision.kind not in ("approved", "edited"):
        raise ValueError(decision.kind)
    text = decision.text or proposal.text
    if decision.kind == "edited" and not decision.text.strip():
        raise ValueError("empty")
    await send(text)
    return text
