"""Make what README.md and docs/ show from published results and declarations."""
