"""What templates are fed: plain data, one file per page family. No view can query."""
