# right: a note that it begins, then the receipt; the note doesn't count as paid
async def pay_once(kept, service, bill):
    entry = kept.get(bill)
    if entry and entry["receipt"]:
        return entry["receipt"]
    kept[bill] = {"receipt": None}
    receipt = await service.pay(bill, bill)
    kept[bill] = {"receipt": receipt}
    return receipt
