# wrong: a refusal is kept as if it were a receipt
async def pay_once(kept, service, bill):
    if bill not in kept:
        try:
            kept[bill] = await service.pay(bill, bill)
        except Exception as error:
            kept[bill] = str(error)
    return kept[bill]
