import logging
import os
import sys
from argparse import ArgumentParser

import django

import bench
from bench import database
from bench.measuring import print_table
from sofratel.embedded.errors import EmbeddedError
from sofratel.embedded.services import running


def main() -> None:
    parser = ArgumentParser(prog="python -m bench", description=bench.__doc__)
    parser.add_argument("--people", type=int, default=database.PEOPLE, help="fewer, for a quick look (1000000)")
    parser.add_argument("--fresh", action="store_true", help="make the database anew")
    options = parser.parse_args()
    os.environ["SOFRATEL_MODE"] = "demo"
    try:
        with running():
            database.use(options.people, fresh=options.fresh)
            django.setup()
            logging.disable(logging.INFO)
            database.fill(options.people)
            from bench import access, pages, purge, report, search

            figures = [
                *search.figures(),
                *pages.figures(),
                *purge.figures(options.people),
                *access.figures(options.people),
                *report.figures(options.people),
            ]
    except EmbeddedError as error:
        sys.exit(f"Erreur : {error}")
    print_table(figures)
    sys.exit(not all(figure.holds for figure in figures))


main()
