# wrong: receipts in a variable, which a killed process takes with it
receipts = {}


async def pay_once(kept, service, bill):
    if bill not in receipts:
        receipts[bill] = await service.pay(bill, bill)
    return receipts[bill]
