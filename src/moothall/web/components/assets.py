"""How styles and scripts are found: under a name that holds their digest once collected, under their own before."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Assets(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it comes without types
    """Hashed, compressed and kept by browsers for ever. A checkout where nothing was collected, as in a test, needs none
    of it: there the files are served as they are, and so is one that came after the others were collected."""

    support_js_module_import_aggregation = True
    keep_only_hashed_files = False

    def stored_name(self, name: str) -> str:
        """The name with the digest of the content; the name itself of a file that was not collected."""
        collected = self.hash_key(self.clean_name(name)) in self.hashed_files
        return str(super().stored_name(name)) if collected else name
