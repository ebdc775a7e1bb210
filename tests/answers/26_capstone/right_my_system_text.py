# right: the path as a text
my_system = "../examples/my_system_answers/solution.py"
