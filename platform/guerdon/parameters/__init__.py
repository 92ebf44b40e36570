"""The Parameter Manager's generic core: sections, versions, snapshots."""
