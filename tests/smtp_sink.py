"""A mail server of its own process that writes down what it took: ``python smtp_sink.py LOG``.

Prints its port. ``LOG`` gets a line for each accepted mail: recipient, Message-ID. Each mail
takes ``--slow`` seconds, so that a test can kill the sender in the middle. What an address
begins with makes trouble: ``refused`` (550), ``grey`` (451), ``hang`` (no answer), ``drop`` (the
connection ends after the mail's words, unanswered), ``full`` (552 after them).

``--stop POINT`` holds the sender once, at the third mail, and writes ``LOG.stopped``, so that a
test can kill it exactly there: ``sender`` (before its MAIL), ``recipient`` (before its RCPT),
``data`` (before its words), ``words`` (read, not kept), ``kept`` (kept, not answered).
"""

import argparse
import asyncio
import email
from pathlib import Path


class Stop:
    """Holds whoever comes to ``point`` of the third mail, once."""

    def __init__(self, log, point):
        self.file, self.point, self.mails = log.with_suffix(".stopped"), point, 0

    async def at(self, point):
        self.mails += point == "sender"
        if point == self.point and self.mails >= 3 and not self.file.exists():
            self.file.touch()
            await asyncio.sleep(3600)


async def talk(reader, writer, log, slow, stop):
    def say(line):
        writer.write(line.encode() + b"\r\n")

    say("220 sink")
    recipient = ""
    while line := (await reader.readline()).decode(errors="replace").strip():
        word = line.upper()
        if word.startswith("MAIL"):
            await stop.at("sender")
        if word.startswith("RCPT"):
            await stop.at("recipient")
            recipient = line[line.index("<") + 1 : line.index(">")]
            if recipient.startswith("hang"):
                await asyncio.sleep(3600)
            if recipient.startswith(("refused", "grey")):
                say("550 5.1.1 no" if recipient.startswith("refused") else "451 4.7.1 later")
                await writer.drain()
                continue
        if word.startswith("DATA"):
            await stop.at("data")
            say("354 go on")
            await writer.drain()
            data = (await reader.readuntil(b"\r\n.\r\n"))[:-5]
            await asyncio.sleep(slow)
            await stop.at("words")
            if recipient.startswith("drop"):
                break
            if recipient.startswith("full"):
                say("552 5.2.2 full")
                await writer.drain()
                continue
            message_id = email.message_from_bytes(data)["Message-ID"]
            with log.open("a") as file:
                file.write(f"{recipient}\t{message_id}\n")
            await stop.at("kept")
        if word.startswith("QUIT"):
            say("221 bye")
            break
        say("250 ok")
        await writer.drain()
    writer.close()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("--slow", type=float, default=0.0)
    parser.add_argument("--stop", default="")
    options = parser.parse_args()
    stop = Stop(options.log, options.stop)
    server = await asyncio.start_server(
        lambda r, w: talk(r, w, options.log, options.slow, stop), "127.0.0.1", 0, limit=2**22
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
