"""The citizen's own account: how somebody signs in, which cases are theirs, and what they do with them."""
