"""A commit whose interpreter has the reader's checkout installed for editing is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from perfstudy.errors import UsageError
from perfstudy.lab.other_checkouts import check_imports
from perfstudy.lab.worktrees import Tree, Worktrees

from .repositories import commit

pytestmark = pytest.mark.usefixtures("bare_home")
SHOP = "src/shop/__init__.py"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """The interpreter of an empty environment."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    return tmp_path / "venv" / "bin" / "python"


@pytest.fixture
def tree(repository: Path) -> Tree:
    """The worktree of a commit with a package in the folder ``src``."""
    (repository / SHOP).parent.mkdir(parents=True)
    (repository / SHOP).write_text("")
    (repository / "setup.py").write_text("")
    return Worktrees().checkout(repository, commit(repository))


def install(python: Path, folder: Path) -> None:
    """Put *folder* on the path of an environment, as an editable installation does."""
    packages = next((python.parent.parent / "lib").glob("python*")) / "site-packages"
    (packages / "shop.pth").write_text(f"{folder}\n")


def install_by_finder(python: Path, folder: Path) -> None:
    """Map the package to *folder* by a finder, as setuptools does."""
    packages = next((python.parent.parent / "lib").glob("python*")) / "site-packages"
    information = packages / "shop-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Name: shop\nVersion: 1\n")
    (information / "top_level.txt").write_text("shop\n")
    (information / "direct_url.json").write_text(json.dumps({"url": folder.as_uri(), "dir_info": {"editable": True}}))
    (packages / "finder.py").write_text(
        "import sys\nfrom importlib.util import spec_from_file_location\n"
        "class Finder:\n    @staticmethod\n    def find_spec(name, path=None, target=None):\n"
        f"        place = {str(folder / 'shop' / '__init__.py')!r}\n"
        "        return spec_from_file_location(name, place) if name == 'shop' else None\n"
        "sys.meta_path.append(Finder)\n"
    )
    (packages / "shop.pth").write_text("import finder\n")


@pytest.mark.parametrize("way", [install, install_by_finder])
def test_a_package_from_the_checkout_is_refused(repository: Path, python: Path, tree: Tree, way: object) -> None:
    check_imports(str(python), tree.folder, tree.folder, repository, "after")
    assert callable(way)
    way(python, repository / "src")
    with pytest.raises(UsageError) as raised:
        check_imports(str(python), tree.folder, tree.folder, repository, "after")
    assert f"arm 'after' serves a commit, and its interpreter {python} imports 'shop' from" in str(raised.value)
    assert "build=" in str(raised.value)


def test_an_environment_of_the_commit_itself_is_right(repository: Path, python: Path, tree: Tree) -> None:
    install(python, tree.folder / "src")
    check_imports(str(python), tree.folder, tree.folder, repository, "after")


def test_files_for_tools_and_what_stands_beside_the_service_do_not_count(
    repository: Path, python: Path, tree: Tree
) -> None:
    install(python, repository)  # setup.py is seen from a folder below, and the package from none
    check_imports(str(python), tree.folder / "src", tree.folder, repository, "after")
