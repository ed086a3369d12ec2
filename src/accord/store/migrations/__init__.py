"""The steps that make a store's tables what this version needs; forward only."""
