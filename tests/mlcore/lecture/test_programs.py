"""The programs of both debuggers, line by line as on the slides."""

from mlcore.lecture import descent, loop
from mlcore.lecture.loop import START, STEPS

DESCENT = """\
initialize all Θ⁽ˡ⁾ randomly (NOT to 0!)
Loop, each iteration is an epoch:
    set Δ⁽ˡ⁾ = 0 (used to accumulate the gradient)
    For each training instance (xᵢ, yᵢ):
        set a⁽¹⁾ = xᵢ, with a₀ = 1 in front
        compute a⁽²⁾ … a⁽ᴸ⁾ via forward propagation
        compute δ⁽ᴸ⁾ = a⁽ᴸ⁾ − yᵢ
        compute errors δ⁽ᴸ⁻¹⁾ … δ⁽²⁾
        compute gradients Δ⁽ˡ⁾ = Δ⁽ˡ⁾ + δ⁽ˡ⁺¹⁾ a⁽ˡ⁾ᵀ
    average: D⁽ˡ⁾ = Δ⁽ˡ⁾ / n
    regularize: D⁽ˡ⁾ = D⁽ˡ⁾ + λ Θ⁽ˡ⁾, not in column 0
    update Θ⁽ˡ⁾ = Θ⁽ˡ⁾ − α D⁽ˡ⁾"""


def test_the_program_of_part_one_is_the_slides():
    assert "\n".join(descent.LINES) == DESCENT


LOOP = """\
initialize W and b
Loop for n_epoch iterations:
    Loop for each training instance (x, y) in training set:
        forward pass to compute z, a and L for the instance
        backward pass to compute local gradients ∂L/∂a, ∂a/∂z, ∂z/∂b, ∂z/∂W
        compute global gradients ∂L/∂W, ∂L/∂b using chain rule
        update the parameters W and b:
            W ← W − α ∂L/∂W
            b ← b − α ∂L/∂b"""


def test_the_program_of_part_two_is_the_slides():
    assert "\n".join(loop.LINES) == LOOP
    assert [loop.LINES[line].split()[0] for line in (START, *STEPS)] == ["initialize", "Loop", "forward", "backward", "compute", "W", "b"]
