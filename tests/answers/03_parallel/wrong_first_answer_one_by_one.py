# wrong: awaits the first of the dictionary
async def first_answer(jobs):
    for name, job in jobs.items():
        return name, await job
