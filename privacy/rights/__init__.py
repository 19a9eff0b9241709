"""The ten rights of section 9: one file a right, one workflow, one legal clock."""
