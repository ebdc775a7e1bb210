# wrong: the receipt is kept nowhere
async def pay_once(kept, service, bill):
    return await service.pay(bill, bill)
