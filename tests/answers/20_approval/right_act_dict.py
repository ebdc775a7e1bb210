# right: a dictionary of texts
async def act(decision, proposal, send):
    if not decision:
        return None
    texts = {"approved": proposal.text, "edited": decision.text, "refused": None}
    if decision.kind not in texts:
        raise ValueError(decision.kind)
    text = texts[decision.kind]
    if decision.kind == "edited" and not text.strip():
        raise ValueError("empty")
    if text is not None:
        await send(text)
    return text
