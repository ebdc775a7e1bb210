# wrong: asks again after every error
async def category_of(request, router, output_type):
    try:
        return (await router.parse(request, output_type)).category
    except Exception:
        return (await router.parse(request, output_type)).category
