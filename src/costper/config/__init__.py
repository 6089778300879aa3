"""costper.yaml as typed settings that know their file and line."""
