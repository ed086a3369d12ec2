"""The flow: import, synchronisation, export, where world, memory and decisions meet. No decision is made here."""
