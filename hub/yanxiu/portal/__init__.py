"""The web service put together: routes, and the pages that show several rooms at once."""
