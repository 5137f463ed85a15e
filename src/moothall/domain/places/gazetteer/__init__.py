"""The gazetteer's supplies: files of BS 7666 DTF 7.3 and of OS AddressBase Premium, read, checked, applied and written.

`layouts` says what each record holds; everything else is made from it. `files` opens what is supplied and `structure`
judges it as a whole; `lines` tells good lines from bad ones; `staging` holds them; `rules` and `checking` judge the rows;
`full` and `changes` apply them; `supplies` leads from one to the next, and goes on where it was stopped.
"""
