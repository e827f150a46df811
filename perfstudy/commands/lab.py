"""``perfstudy lab``: servers that stay up between commands."""

import typer

from perfstudy.commands.declaring import App

lab = App(no_args_is_help=True, help="Keep the lab's servers up between commands, or see what runs.")


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.add_typer(lab, name="lab")


@lab.command(epilog="Example: `perfstudy lab up`")
def up() -> None:
    """Start the servers and keep them up until `perfstudy lab down`."""
    from perfstudy import lab as labs

    print(labs.up())


@lab.command()
def down() -> None:
    """Stop the servers, even those in use."""
    from perfstudy import lab as labs

    print("stopped." if labs.down() else "nothing runs.")


@lab.command()
def clean() -> None:
    """Remove the checked-out commits that no run uses, and git's entries of them."""
    from perfstudy.formatting import amount
    from perfstudy.lab.worktrees import Worktrees

    removed, kept = Worktrees().sweep()
    print(f"removed {amount(removed, 'worktrees')}." if removed else "no worktree to remove.")
    if kept:
        print(f"{amount(kept, 'worktrees')} in use: stop the runs first.")


@lab.command()
def status() -> None:
    """Say which servers run, and where."""
    from perfstudy import lab as labs

    print(labs.status() or "nothing runs; `perfstudy lab up` starts the servers.")
