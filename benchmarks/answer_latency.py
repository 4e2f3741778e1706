"""How long the Draw page takes to answer a drawing, beside a bare page with a canvas and a metric, over Streamlit's own protocol.

    python benchmarks/answer_latency.py [--rounds 3] [--digits 10] [--students 30] [--training]

Both servers are started on free ports of this machine. The rounds alternate between the two, so that a busy machine is unfair to neither.
An answer is the time from sending the drawing to the end of the script run. With --training the Draw page is measured again while a
network trains on the Train page.
"""

import argparse
import asyncio
import random
import statistics

from visitor import Visitor, drawing, server


async def answers(url, students, digits, think):
    """The latencies of so many students drawing so many digits each, with a pause of about `think` seconds in between."""
    visitors = [await Visitor(url).open() for _ in range(students)]

    async def work(k, visitor):
        rng, times = random.Random(k), []
        drawings = [drawing(rng) for _ in range(digits + 1)]
        for each in drawings:
            await asyncio.sleep(rng.uniform(0.5, 1.5) * think)
            await visitor.act("canvas", each)
            times.append(visitor.seconds)
        await visitor.close()
        return times[1:]  # the first warms up

    return [t for times in await asyncio.gather(*(work(k, v) for k, v in enumerate(visitors))) for t in times]


async def measure(args):
    with server("benchmarks/bare_page.py") as bare, server("app.py") as app:
        one = {"bare": [], "draw": []}
        many = {"bare": [], "draw": []}
        for _ in range(args.rounds):
            for name, at in (("bare", bare), ("draw", app)):
                one[name] += await answers(at.url, 1, args.digits, 0.1)
        for name, at in (("bare", bare), ("draw", app)):
            many[name] += await answers(at.url, args.students, 6, 2.0)
        b, d, bs, ds = (1000 * statistics.median(times) for times in (one["bare"], one["draw"], many["bare"], many["draw"]))
        print(f"{'median answer':32}{'bare page':>12}{'Draw':>12}{'ratio':>8}")
        print(f"{'1 student':32}{b:9.1f} ms{d:9.1f} ms{d / b:8.2f}")
        print(f"{f'{args.students} students':32}{bs:9.1f} ms{ds:9.1f} ms{ds / bs:8.2f}")
        print(f"{'ratio to 1 student':32}{bs / b:12.2f}{ds / d:12.2f}")
        if args.training:
            trainer = await Visitor(app.url).open("train")
            await trainer.act("Start", True)
            await asyncio.sleep(2)
            t = 1000 * statistics.median(await answers(app.url, 1, 2 * args.digits, 0.1))
            await trainer.close()
            print(f"{'1 student, a network training':32}{'':12}{t:9.1f} ms{t / d:8.2f}  (to the same without)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--digits", type=int, default=10)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--training", action="store_true")
    asyncio.run(measure(parser.parse_args()))
