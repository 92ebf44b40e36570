"""`guerdon recommendations train` and `models`: learn what members like, and what it is worth."""

import sys

import click
import msgspec

from guerdon.cli._runtime import run
from guerdon.recommendations.learning.plan import Engine, Evaluation, Knobs, Progress
from guerdon.recommendations.training import ModelVersion, keep, learn, versions
from guerdon.runtime import Runtime

_DEFAULTS = Knobs()


@click.command()
@click.argument("tenant")
@click.option("--factors", type=click.IntRange(2, 512), default=_DEFAULTS.factors)
@click.option("--iterations", type=click.IntRange(1, 100), default=_DEFAULTS.iterations)
@click.option("--threads", type=click.IntRange(1, 64), default=_DEFAULTS.threads)
@click.option("--memory-mb", type=click.IntRange(200), default=_DEFAULTS.memory_mb,
              help="What reading the events may take.")  # fmt: skip
@click.option("--spark", is_flag=True, help="Factorise on Spark; needs guerdon[spark].")
def train(
    tenant: str, factors: int, iterations: int, threads: int, memory_mb: int, spark: bool
) -> None:
    """Train TENANT's model, test it against popularity, and put it in force if it is better.

    Exit status 1 when the model is refused.
    """
    knobs = Knobs(factors=factors, iterations=iterations, threads=threads, memory_mb=memory_mb)
    engine: Engine = "spark" if spark else "one_machine"

    async def work(rt: Runtime) -> list[ModelVersion]:
        found = await rt.directory.by_slug(tenant)
        now = await rt.now(found.id)
        outcome = await learn(
            rt, tenant_id=found.id, now=now, engine=engine, knobs=knobs, tell=_tell
        )
        async with rt.db.write(found.id) as s:
            return await keep(
                s, outcome, engine=engine, knobs=knobs, made_by="cli", now=await rt.now(found.id)
            )

    made = run(work)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    for version in made:
        _show(version)
    if made[0].state == "refused":
        raise SystemExit(1)


@click.command()
@click.argument("tenant")
def models(tenant: str) -> None:
    """Show TENANT's models, newest first, with what each was worth."""

    async def work(rt: Runtime) -> list[ModelVersion]:
        found = await rt.directory.by_slug(tenant)
        async with rt.db.read(found.id) as s:
            return await versions(s)

    for version in run(work):
        _show(version)


async def _tell(progress: Progress) -> None:
    share = f" {progress.done:,} of {progress.total:,}" if progress.total else ""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{progress.step}{share}", nl=False, err=True)
    elif not progress.done:
        click.echo(progress.step, err=True)


def _show(version: ModelVersion) -> None:
    reason = f" ({version.reason})" if version.reason else ""
    click.echo(
        f"version {version.version}: {version.method}, {version.state}{reason};"
        f" {version.members:,} members, {version.products:,} products, {version.events:,} events;"
        f" {version.made_at:%Y-%m-%d %H:%M} by {version.made_by}"
    )
    evaluation = version.metrics.get("evaluation")
    if evaluation is None:
        return
    told = msgspec.convert(evaluation, Evaluation)
    for method, worth in told.methods.items():
        click.echo(
            f"  {method:<11} hit rate@10 {worth.hit_rate:.4f}  NDCG@10 {worth.ndcg:.4f}"
            f"  coverage {worth.coverage:.4f}"
        )
    click.echo(
        f"  gain in NDCG over what everybody sees alike {told.gain:+.4f} ± {told.gain_error:.4f},"
        f" {told.tested_members:,} members tested from {told.split_at:%Y-%m-%d} on"
    )
