"""`python -m mas_helpers ask`: the research system in the terminal."""
