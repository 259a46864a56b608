"""Turn the bytes of an uploaded table into cells, as a program of its own.

``read`` runs it in a child process with limits on memory and time: a workbook of one
kilobyte may unpack to gigabytes, and the parsers are native code. Decides which sheet is
meant, how text is encoded and separated, and what a spreadsheet made of a cell; knows
nothing of people. Of the house it imports pure tables only, so that it starts quickly.

``book`` reads workbooks, with ``sheetxml`` and ``numberformat`` for what its parser does
not tell; ``oldbook`` those of before 2007; ``text`` reads CSV.
"""
