"""Views as tables for people, readable at 100 columns. What systems say is shown as text, never as markup."""
