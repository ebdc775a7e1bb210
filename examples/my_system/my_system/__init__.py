"""The desk of Alder Street: letters answered, instruments lent."""
