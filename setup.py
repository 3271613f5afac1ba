"""Only the list of packages: `rules/` and `fixtures/` are installed as `lrcheck.rules` and `lrcheck.fixtures`.

Everything else stands in pyproject.toml. The list is computed so that a new rule or fixture is a new file and nothing more.
"""

from setuptools import find_namespace_packages, setup

NO_CODE = ["*__pycache__*"]


def below(folder: str, package: str) -> list[str]:
    found = find_namespace_packages(folder, exclude=NO_CODE)
    return [package, *(f"{package}.{name}" for name in found)]


setup(
    packages=[*below("lrcheck", "lrcheck"), *below("rules", "lrcheck.rules"), *below("fixtures", "lrcheck.fixtures")],
    package_dir={"lrcheck": "lrcheck", "lrcheck.rules": "rules", "lrcheck.fixtures": "fixtures"},
    package_data={"": ["*.txt", "*.md", "*.ipynb", "*.json", "py.typed"]},
    include_package_data=False,
)
