# right: get and a walrus
async def pay_once(kept, service, bill):
    if (receipt := kept.get(bill)) is None:
        kept.update({bill: (receipt := await service.pay(bill, bill))})
    return receipt
