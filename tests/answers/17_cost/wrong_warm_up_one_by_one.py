# wrong: cheap and slow: each job waits for the one before


async def warm_up(warm, jobs):
    try:
        await warm
    except Exception:
        pass
    return {name: await job for name, job in jobs.items()}
