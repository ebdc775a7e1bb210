# right: an object with __call__
class Payer:
    async def __call__(self, kept, service, bill):
        if bill not in kept:
            receipt = await service.pay(bill=bill, key="pay " + bill)
            kept |= {bill: receipt}
        return kept[bill]


pay_once = Payer()
