"""Learning what members like, in processes of their own: the only place of numeric libraries.

Nothing of this package is imported by a process that serves members (a contract of the floors).
"""
