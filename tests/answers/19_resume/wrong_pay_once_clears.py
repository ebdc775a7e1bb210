# wrong: it throws away what others keep
async def pay_once(kept, service, bill):
    if bill not in kept:
        receipt = await service.pay(bill, bill)
        kept.clear()
        kept[bill] = receipt
    return kept[bill]
