"""One function per command: what its help says, which operation it calls, how the answer is shown."""
