# wrong: one place in kept for all bills
async def pay_once(kept, service, bill):
    if "receipt" not in kept:
        kept["receipt"] = await service.pay(bill, bill)
    return kept["receipt"]
