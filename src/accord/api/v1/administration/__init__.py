"""The administration doors: everything that declares what the server does. One module per noun."""
