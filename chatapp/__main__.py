"""`chatapp …`: reads the command line and the environment, once, and hands over to the command.

A mistake in either is one clear line on standard error and exit 2.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from dotenv import dotenv_values

from chatapp.settings import Settings, SettingsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except SettingsError as error:
        print(f"chatapp: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return _reader_left()
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chatapp", description="A chat in which patient data never leaves the house.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the server, configured by the environment and .env")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.add_argument("--workers", type=int, default=1)
    demo = commands.add_parser("demo", help="run it over two stand-in model servers: no key, no network")
    demo.add_argument("--port", type=int, default=8000)
    commands.add_parser("doctor", help="check everything the configuration names; exit 0 only if all of it works")
    commands.add_parser("classify", help="JSON lines in, JSON lines out: verdict, task and route of each text")
    commands.add_parser("site-list", help="names and numbers in, one a line; out a list of their salted hashes")
    _add_ledger(commands.add_parser("ledger", help="prove the record of what left the house, and report from it"))
    return parser


def _add_ledger(ledger: argparse.ArgumentParser) -> None:
    actions = ledger.add_subparsers(dest="action", required=True)
    verify = actions.add_parser("verify", help="exit 1 where a record was altered, taken out, put in, moved or cut off")
    verify.add_argument("--head", action="append", default=[], metavar="COUNT:HASH", help="as written down earlier")
    verify.add_argument("--key-file", action="append", default=[], metavar="FILE", help="a key or secret used earlier")
    report = actions.add_parser("report", help="did anything leave, and what")
    report.add_argument("--from", dest="since", metavar="TIME", help="a date or an ISO time, UTC unless it says")
    report.add_argument("--to", dest="until", metavar="TIME", help="the same; a date is all of that day")
    report.add_argument("--format", dest="form", choices=["table", "csv", "json"], default="table")


def _run(options: argparse.Namespace) -> int:
    """Import what the command needs, and nothing for the others: `classify` knows no web server."""
    match options.command:
        case "serve":
            from chatapp.commands.serve import serve, set_up_logging

            settings = Settings.from_environ(environment())
            set_up_logging(settings.log_level)
            serve(settings, host=options.host, port=options.port, workers=options.workers)
        case "demo":
            from chatapp.commands.demo import demo
            from chatapp.commands.serve import set_up_logging

            set_up_logging("info")
            demo(os.environ, port=options.port)
        case "doctor":
            from chatapp.commands.doctor import doctor

            given = environment()
            return doctor(given, sys.stdout, from_file=given.keys() - _set(os.environ).keys(), owns_process=True)
        case "classify":
            from chatapp.commands.classify import classify_lines

            classify_lines(sys.stdin.buffer, sys.stdout.buffer, Settings.from_environ(environment()))
        case "site-list":
            from chatapp.commands.site_list import site_list

            return site_list(sys.stdin.buffer, sys.stdout)
        case "ledger":
            return _run_ledger(options, Settings.from_environ(environment()))
    return 0


def _run_ledger(options: argparse.Namespace, settings: Settings) -> int:
    from chatapp.commands import ledger

    if options.action == "verify":
        return ledger.verify(settings, sys.stdout, heads=options.head, key_files=options.key_file)
    return ledger.report(settings, sys.stdout, since=options.since, until=options.until, form=options.form)


def environment() -> dict[str, str]:
    """The environment, over `.env` of the current folder where there is one. Empty values count as unset.

    Raises:
        SettingsError: `.env` cannot be read.
    """
    try:
        from_file = dotenv_values(".env", interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f".env: cannot be read ({type(error).__name__}); it is to be a text file in UTF-8"
        ) from None
    return {**_set(from_file), **_set(os.environ)}


def _set(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value and value.strip()}


def _reader_left() -> int:
    """Whoever read our output has closed it (`| head`): say nothing more, not even while the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 141


if __name__ == "__main__":
    sys.exit(main())
