# wrong: a folder that's no project
my_system = "exercises"
