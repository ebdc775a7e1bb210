# right: the standard library's sorter
from graphlib import TopologicalSorter


def waves(plan):
    graph = {n: set(s.needs) for n, s in enumerate(plan.subtasks, 1)}
    if unknown := set().union(*graph.values()) - set(graph):
        raise ValueError(f"no such subtask: {unknown}")
    sorter, found = TopologicalSorter(graph), []
    sorter.prepare()
    while ready := sorted(sorter.get_ready()):
        found.append(ready)
        sorter.done(*ready)
    return found
