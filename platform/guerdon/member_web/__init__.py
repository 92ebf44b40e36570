"""The brand's own site for members: server-rendered pages."""
