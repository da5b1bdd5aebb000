"""Two questions about every item: who owns it, and is it active or stale?"""
