"""What a site is: the model, how it is loaded and checked, its JSON schema.

Pure, and no secrets: those come by environment (``yanxiu.settings.secrets`` keeps the
embedded site's). Everything is frozen after loading and checked before anything starts.
"""
