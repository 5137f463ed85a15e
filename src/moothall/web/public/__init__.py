"""Pages for people outside who were sent a link: nobody signs in, and nothing but what the link is for is shown."""
