"""Identity: ending access. Codes by mail are sent by notifications."""

from guerdon.identity.jobs import EndingSessions

handlers = (EndingSessions(),)
