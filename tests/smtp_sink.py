"""A mail server of its own process that writes down what it took: ``python smtp_sink.py LOG``.

Prints its port. ``LOG`` gets a line for each accepted mail: recipient, Message-ID. Each mail
takes ``--slow`` seconds, so that a test can kill the sender in the middle. What an address
begins with makes trouble: ``refused`` (550), ``grey`` (451), ``hang`` (no answer), ``drop`` (the
connection ends after the mail's words, unanswered), ``full`` (552 after them).
"""

import argparse
import asyncio
import email
from pathlib import Path


async def talk(reader, writer, log, slow):
    def say(line):
        writer.write(line.encode() + b"\r\n")

    say("220 sink")
    recipient = ""
    while line := (await reader.readline()).decode(errors="replace").strip():
        word = line.upper()
        if word.startswith("RCPT"):
            recipient = line[line.index("<") + 1 : line.index(">")]
            if recipient.startswith("hang"):
                await asyncio.sleep(3600)
            if recipient.startswith(("refused", "grey")):
                say("550 5.1.1 no" if recipient.startswith("refused") else "451 4.7.1 later")
                await writer.drain()
                continue
        if word.startswith("DATA"):
            say("354 go on")
            await writer.drain()
            data = (await reader.readuntil(b"\r\n.\r\n"))[:-5]
            await asyncio.sleep(slow)
            if recipient.startswith("drop"):
                break
            if recipient.startswith("full"):
                say("552 5.2.2 full")
                await writer.drain()
                continue
            message_id = email.message_from_bytes(data)["Message-ID"]
            with log.open("a") as file:
                file.write(f"{recipient}\t{message_id}\n")
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
    options = parser.parse_args()
    server = await asyncio.start_server(
        lambda r, w: talk(r, w, options.log, options.slow), "127.0.0.1", 0, limit=2**22
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
