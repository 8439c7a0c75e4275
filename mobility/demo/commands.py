"""`flask demo`: the story without the server."""

import click
from flask.cli import with_appcontext

from mobility.core.settings import BadSettings
from mobility.demo import story
from mobility.demo.run import fill

FEWEST = 40


@click.command("demo")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=story.SEED, show_default=True)
@click.option(
    "--applications",
    type=click.IntRange(FEWEST, 3000),
    default=story.APPLICATIONS,
    show_default=True,
    help="Visitors of the first call; hosts and offers follow in proportion.",
)
@with_appcontext
def demo(seed: int, applications: int) -> None:
    """Tell the story on this database and write `var/demo`."""
    try:
        fill(seed, applications)
    except BadSettings as refusal:
        raise click.ClickException(str(refusal)) from None
