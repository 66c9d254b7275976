"""Measures chardet on a page: chardet_page.py FILE. Prints the milliseconds, the encoding and chardet's version."""
import sys
import time

import chardet

with open(sys.argv[1], 'rb') as file:
    page = file.read()
chardet.detect(page)
times = []
for _ in range(3):
    started = time.perf_counter()
    found = chardet.detect(page)
    times.append(time.perf_counter() - started)
print(sorted(times)[1] * 1000, found['encoding'], chardet.__version__)
