# right: with its level
my_system = "../examples/my_system_answers/solution.py", 1
