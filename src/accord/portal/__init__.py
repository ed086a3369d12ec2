"""The web door: pages for administrators, rendered here, over the same operations as the API."""
