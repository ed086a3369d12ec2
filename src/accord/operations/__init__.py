"""The verbs: what a person or a client may ask for. Each records who asked where it matters, then does it.

They take an open context, configuration or store as arguments and give back views: plain values made for reading,
whose field names are the keys of every door's output. They do not know who calls them.
"""
