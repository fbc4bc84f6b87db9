"""What the project uses of PySB, typed.

`Formula`, `Pattern`, `RuleExpression` and `Component` are names of types only: import them while
type checking.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

__version__: str

class Component:
    name: str

class Formula:
    """What can be calculated with: a parameter, observable or expression, or a formula of them."""

    def __add__(self, other: Formula | float) -> Formula: ...
    def __radd__(self, other: float) -> Formula: ...
    def __sub__(self, other: Formula | float) -> Formula: ...
    def __rsub__(self, other: float) -> Formula: ...
    def __mul__(self, other: Formula | float) -> Formula: ...
    def __rmul__(self, other: float) -> Formula: ...
    def __truediv__(self, other: Formula | float) -> Formula: ...
    def __rtruediv__(self, other: float) -> Formula: ...
    def __pow__(self, other: float) -> Formula: ...

class RuleExpression: ...

class Pattern:
    """A molecule or a complex, as rules and observables name it."""

    def __call__(self, **sites: str | int | tuple[str, int] | None) -> Pattern: ...
    def __mod__(self, other: Pattern) -> Pattern: ...
    def __add__(self, other: Pattern) -> Pattern: ...
    def __rshift__(self, other: Pattern | None) -> RuleExpression: ...
    def __rrshift__(self, other: Pattern | None) -> RuleExpression: ...
    def __or__(self, other: Pattern | None) -> RuleExpression: ...

class Monomer(Component):
    def __init__(
        self,
        name: str,
        sites: list[str] | None = None,
        site_states: dict[str, list[str]] | None = None,
        _export: bool = True,
    ) -> None: ...
    def __call__(self, **sites: str | int | tuple[str, int] | None) -> Pattern: ...

class Parameter(Component, Formula):
    value: float
    def __init__(self, name: str, value: float = 0.0, _export: bool = True) -> None: ...

class Observable(Component, Formula):
    def __init__(self, name: str, reaction_pattern: Pattern, _export: bool = True) -> None: ...

class Expression(Component, Formula):
    def __init__(self, name: str, expr: Formula | float, _export: bool = True) -> None: ...

class Rule(Component):
    def __init__(
        self,
        name: str,
        rule_expression: RuleExpression,
        rate_forward: Formula,
        rate_reverse: Formula | None = None,
        *,
        delete_molecules: bool = False,
        move_connected: bool = False,
        _export: bool = True,
    ) -> None: ...

class Initial:
    pattern: Pattern
    value: Parameter
    def __init__(self, pattern: Pattern, value: Parameter, _export: bool = True) -> None: ...

class Annotation:
    subject: Any
    object: str
    predicate: str
    def __init__(self, subject: Any, object_: str, predicate: str = "is", _export: bool = True) -> None: ...

_C = TypeVar("_C", bound=Component, covariant=True)

class ComponentSet(Mapping[str, _C], Generic[_C]):
    def __getitem__(self, key: str) -> _C: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...

class Model:
    name: str
    monomers: ComponentSet[Monomer]
    parameters: ComponentSet[Parameter]
    observables: ComponentSet[Observable]
    expressions: ComponentSet[Expression]
    rules: ComponentSet[Rule]
    initials: list[Initial]
    annotations: list[Annotation]
    components: Any
    compartments: Any
    species: list[Any]
    reactions: list[dict[str, Any]]
    def __init__(self, name: str | None = None, base: Model | None = None, _export: bool = True) -> None: ...
    def add_component(self, other: Component) -> None: ...
    def add_initial(self, initial: Initial) -> None: ...
    def add_annotation(self, annotation: Annotation) -> None: ...
    def get_annotations(self, subject: Any) -> Sequence[Annotation]: ...
