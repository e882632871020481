#!/usr/bin/env python3
"""losses - the losses of lib/lm beside TRL's own code, which is run as it is

usage: tests/golden/losses.py LOSS_PROBE	(build/tests/loss_probe; make build/tests/loss_probe; pip install trl)

DPOTrainer._compute_loss, and the loss methods of CPOTrainer and ORPOTrainer, get log-probs of random tokens in place of a
model's, in double; loss and gradients by autograd. KTO, TPO and RewardTrainer compute theirs amid other work: their
formulas are written out here, and checked to stand in TRL's sources. Batches of 6 pairs, responses of 1 to 12 tokens.

trl 1.16.0, torch 2.13.0: 130 passed, 0 failed; the farthest loss is 8e-16 away, the farthest gradient 1e-15 (of 1 + its size).
"""
import inspect
import os
import subprocess
import sys
from contextlib import nullcontext
from types import SimpleNamespace as Some

os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
try:
    import torch
    import torch.nn.functional as F
    import trl
    from trl.experimental.cpo import CPOTrainer
    from trl.experimental.orpo import ORPOTrainer
    from trl.experimental.tpo import TPOTrainer
    from trl.trainer import dpo_trainer, kto_trainer, reward_trainer
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(0)

torch.set_default_dtype(torch.float64)
passed = failed = 0
worst = [0.0, 0.0]
NAN = float("nan")


def batch(seed, pairs=6, k=2):
    """[pair][response] -> policy and reference log-probs, and what else a loss may want"""
    g = torch.Generator().manual_seed(seed)
    rows = []
    for _ in range(pairs):
        row = Some(margin=torch.rand(1, generator=g).item(), responses=[])
        for _ in range(k):
            n = int(torch.randint(1, 13, (1,), generator=g))
            p = -3 * torch.rand(n, generator=g) - 0.05
            row.responses.append(Some(
                n=n, policy=p.requires_grad_(), reference=(p + 0.4 * torch.randn(n, generator=g)).detach(),
                spread=-torch.rand(n, generator=g), other=torch.randn(1, generator=g).item()))
        rows.append(row)
    return rows


def ours(names, rows, beta=NAN, smooth=NAN, gamma=NAN, alpha=NAN):
    words = [len(rows), len(rows[0].responses)]
    for row in rows:
        words += [row.margin, 1, "nan"]
        for r in row.responses:
            sure = (r.policy - r.spread).mean().item()
            words += [r.n, 0, sure, r.other, 0, *r.policy.tolist(), *r.reference.tolist()]
    out = subprocess.run([sys.argv[1], names, *map(str, (beta, smooth, gamma, alpha))],
                         input=" ".join(map(str, words)), capture_output=True, text=True)
    if out.returncode:
        sys.exit(out.stderr)
    x = list(map(float, out.stdout.split()))
    return x[0], torch.tensor(x[1:])


def check(what, theirs, rows, *args, **knobs):
    global passed, failed
    got, slope = ours(what, rows, *args, **knobs)
    texts = [r.policy for row in rows for r in row.responses]
    want = torch.cat([g if g is not None else torch.zeros_like(t)
                      for g, t in zip(torch.autograd.grad(theirs, texts, allow_unused=True), texts)])
    far = abs(got - theirs.item()) / (1 + abs(got)), ((slope - want).abs().max() / (1 + want.abs().max())).item()
    good = max(far) < 1e-9
    passed, failed = passed + good, failed + (not good)
    worst[:] = [max(a, b) for a, b in zip(worst, far)]
    if not good:
        print(f"FAILED {what} {knobs}: {got} not {theirs.item()}, gradients {far[1]:.1e} apart")


# ---- DPOTrainer ----


def dpo(rows, kinds, weights, beta=0.1, smooth=0.0, tau=0.05, ld=None, weighting=False):
    """DPOTrainer._compute_loss on a batch whose log-probs are there already"""
    texts = [row.responses[k] for k in (0, 1) for row in rows]
    long = max(t.n for t in texts)

    def pad(values):
        return torch.stack([F.pad(v, (0, long - len(v))) for v in values])

    mask = torch.stack([F.pad(torch.ones(t.n, dtype=torch.long), (1, long - t.n)) for t in texts])
    ref = pad([t.reference for t in texts])
    if ld is None:
        ref = ref.sum(1)
    else:                               # the trainer would weigh the reference's tokens as it does the policy's
        short = torch.tensor([min(r.n for r in row.responses) for row in rows] * 2)[:, None]
        at = torch.arange(long)[None]
        ref = (ref * torch.where(at < short, 1.0, ld)).sum(1)
    logp = pad([t.policy for t in texts])
    zero = torch.zeros_like(logp)
    outputs = Some(log_probs=logp, log_sum_sq_probs=pad([t.spread for t in texts]), entropy=zero, mean_logits=zero,
                   is_top1=zero.bool())
    half = len(rows)
    metrics = __import__("collections").defaultdict(list)
    me = Some(
        model=Some(training=True), accelerator=Some(device="cpu", gather_for_metrics=lambda x: x, gather=lambda x: x),
        aux_loss_enabled=False, ld_alpha=ld, precompute_ref_logps=True, f_divergence_type="reverse_kl", beta=beta,
        label_smoothing=smooth, args=Some(discopop_tau=tau), loss_types=kinds, loss_weights=weights,
        use_weighting=weighting, _metrics={"train": metrics, "eval": metrics}, _total_train_tokens=0, _tp_size=1)
    inputs = {"completion_mask": mask, "input_ids": mask.clone(), "attention_mask": torch.ones_like(mask),
              "ref_chosen_logps": ref[:half], "ref_rejected_logps": ref[half:]}

    class Model:
        training = True

        def __call__(self, **_):
            return outputs
    try:
        return dpo_trainer.DPOTrainer._compute_loss(me, Model(), inputs, False)
    except AttributeError as e:
        sys.exit(f"DPOTrainer of trl {trl.__version__} wants more than this script gives it: {e}")


for seed in 1, 2, 3:
    rows = batch(seed)
    for name, kind, knobs in [
            ("dpo", "sigmoid", {}), ("hinge", "hinge", {}), ("ipo", "ipo", {}), ("exo", "exo_pair", {"smooth": 0.01}),
            ("nca", "nca_pair", {}), ("robust", "robust", {"smooth": 0.2}), ("bco", "bco_pair", {}),
            ("sppo", "sppo_hard", {}), ("aot", "aot", {"smooth": 0.1}), ("aot-unpaired", "aot_unpaired", {"smooth": 0.1}),
            ("apo-zero", "apo_zero", {}), ("apo-down", "apo_down", {}), ("sft", "sft", {}),
            ("dpo-norm", "sigmoid_norm", {})]:
        for beta in 0.1, 0.7:
            check(name, dpo(rows, [kind], [1.0], beta, **knobs), rows, beta=beta, **knobs)
    check("discopop", dpo(rows, ["discopop"], [1.0], 0.1, tau=0.05), rows, beta=0.1, alpha=0.05)
    check("wpo-trl", dpo(rows, ["sigmoid"], [1.0], weighting=True), rows)
    check("ld-dpo", dpo(rows, ["sigmoid"], [1.0], ld=0.3), rows, alpha=0.3)
    check("dpo:0.8,bco:0.2,sft:1", dpo(rows, ["sigmoid", "bco_pair", "sft"], [0.8, 0.2, 1.0]), rows)

# ---- the others ----


def sums(rows, k, mean=False):
    return torch.stack([r.policy.mean() if mean else r.policy.sum() for r in (row.responses[k] for row in rows)])


def ratios(rows, k):
    return torch.stack([(r.policy - r.reference).sum() for r in (row.responses[k] for row in rows)])


def stands(module, *lines):
    """The lines that a formula was taken from are still there."""
    global passed, failed
    source = inspect.getsource(module)
    for line in lines:
        good = line in source
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAILED {module.__name__} has no {line}")


for seed in 4, 5, 6:
    rows = batch(seed)
    nll = -torch.cat([row.responses[0].policy for row in rows]).mean()
    for smooth in 0.0, 0.1:
        me = Some(alpha=0.0, beta=2.0, loss_type="simpo", simpo_gamma=0.7, label_smoothing=smooth,
                  accelerator=Some(device="cpu"))
        loss = CPOTrainer.cpo_loss(me, sums(rows, 0, True), sums(rows, 1, True))[0].mean()
        check("simpo", loss, rows, beta=2, gamma=0.7, smooth=smooth)
        me.loss_type, me.beta = "sigmoid", 0.3
        loss = CPOTrainer.cpo_loss(me, sums(rows, 0), sums(rows, 1))[0].mean() + 0.5 * nll
        check("cpo", loss, rows, beta=0.3, alpha=0.5, smooth=smooth)
    me = Some(alpha=0.25, beta=2.0, loss_type="simpo", simpo_gamma=0.7, label_smoothing=0, accelerator=Some(device="cpu"))
    check("alphapo", CPOTrainer.cpo_loss(me, sums(rows, 0, True), sums(rows, 1, True))[0].mean(), rows, beta=2, gamma=0.7,
          alpha=0.25)
    # (ORPOTrainer's ratio is rounded to float: it is asked for the log-odds' formula in double.)
    me = Some(beta=0.2, accelerator=Some(device="cpu"))
    torch.Tensor.float, kept = (lambda x: x), torch.Tensor.float
    ratio = ORPOTrainer.odds_ratio_loss(me, sums(rows, 0, True), sums(rows, 1, True))[0]
    torch.Tensor.float = kept
    check("orpo", (-ratio - sums(rows, 0, True)).mean(), rows, beta=0.2)
    z = max(0.0, sum(r.other for row in rows for r in row.responses) / (2 * len(rows)))
    kto = torch.cat([1 - torch.sigmoid(0.3 * (ratios(rows, 0) - z)), 0.7 * (1 - torch.sigmoid(0.3 * (z - ratios(rows, 1))))])
    check("kto", kto.mean(), rows, beta=0.3, alpha=0.7)
    margin = torch.tensor([row.margin for row in rows])
    one, two = ([row.responses[k].policy.sum() for row in rows] for k in (0, 1))
    one, two = torch.stack(one), torch.stack(two)
    check("bt", (-F.logsigmoid(one - two - margin)).mean() + 0.01 * ((one + two) ** 2).mean(), rows, alpha=0.01)
    three = batch(seed, k=3)
    tpo = -F.logsigmoid(0.3 * (sums(three, 1) - sums(three, 2))).mean() - 0.5 * sums(three, 0).mean()
    check("tpo", tpo, three, beta=0.3, alpha=0.5)

stands(kto_trainer, "kl = (KL_logps - ref_KL_logps).mean().detach()", ".mean().clamp(min=0)",
       "chosen_losses = 1 - F.sigmoid(self.beta * (chosen_logratios - kl))",
       "rejected_losses = 1 - F.sigmoid(self.beta * (kl - rejected_logratios))")
stands(reward_trainer, "rewards_chosen - rewards_rejected - inputs[\"margin\"]",
       "torch.mean((rewards_chosen + rewards_rejected) ** 2)")
stands(TPOTrainer, "-F.logsigmoid(self.beta * delta_score) * (1 - self.label_smoothing)")
print(f"trl {trl.__version__}, torch {torch.__version__}; farthest: loss {worst[0]:.1e}, gradient {worst[1]:.1e}")
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
