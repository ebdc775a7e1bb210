# wrong: never asks again
async def category_of(request, router, output_type):
    return (await router.parse(request, output_type)).category
