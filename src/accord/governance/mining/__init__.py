"""Role mining: which roles explain who holds what, how few are enough, and the proof that fewer are not."""
