"""How styles and scripts are found: under a name that holds their digest once collected, under their own before."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Assets(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # it comes without types
    """Hashed, compressed and kept by browsers for ever. A checkout where nothing was collected, as in a test, needs none
    of it: there the files are served as they are."""

    support_js_module_import_aggregation = True
    keep_only_hashed_files = False

    def stored_name(self, name: str) -> str:
        """The name with the digest of the content; the name itself when nothing was collected."""
        return str(super().stored_name(name)) if self.hashed_files else name
