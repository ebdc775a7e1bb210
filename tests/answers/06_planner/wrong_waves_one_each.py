# wrong: a wave for each subtask, in an order that works
from graphlib import CycleError, TopologicalSorter


def waves(plan):
    graph = {n: set(s.needs) for n, s in enumerate(plan.subtasks, 1)}
    for needs in graph.values():
        if needs - set(graph):
            raise ValueError("unknown")
    return [[n] for n in TopologicalSorter(graph).static_order()]
