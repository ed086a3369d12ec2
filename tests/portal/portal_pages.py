"""Every page there is, by address; `{ready}` and `{held}` are plans."""

PAGES = (
    "/", "/plans", "/plans/{ready}", "/plans/{held}", "/plans/{held}?operation=update&text=Lee",
    "/runs", "/runs/A1", "/identities", "/identities?text=Lee7", "/identities/7", "/systems", "/systems/hr",
    "/systems/directory", "/systems/new", "/rules", "/rules/hr-person", "/jobs", "/datasync", "/governance",
    "/governance?kind=role", "/administration",
    "/administration/audit",
)  # fmt: skip

PASSWORD = "correct horse battery"
