"""The training recipe feeds the model exactly what the processor would, and it teaches."""

from __future__ import annotations

import random

import pytest
import torch

from asru_bench.mini import build, model, recipe, texts, vision
from asru_bench.mini.check import check_items, share_known
from asru_bench.mini.people import WORDINGS, held_out_wordings, trained_wordings, universe
from asru_bench.mini.pictures import Pictures
from asru_bench.mini.portraits import draw


@pytest.fixture(scope="module")
def small():
    """Few people, their pictures, an untrained model and its batcher."""
    folk = universe(seed=5, people=6, public=3)
    processor = model.build_processor(model.build_tokenizer(texts.corpus(folk), vocab_size=900))
    net = model.build_model(processor.tokenizer, layers=2, hidden=64).eval()
    pictures = Pictures()
    pictures.add_people(folk.known)
    pictures.freeze()
    return folk, processor, net, recipe.Batcher(processor, pictures)


def items(folk, count: int, image: bool) -> list[texts.Item]:
    rng, pool = random.Random(1), texts.pools(folk.known)
    person = folk.people[0]
    kinds = ["generation", "cloze", "yes_no", "generation"]
    picture = (person.id, 4) if image else None
    return [texts.fact_item(person, rng, pool, kinds[i % 4], picture) for i in range(count)]


@pytest.mark.parametrize("image", [True, False])
def test_inputs_equal_the_processors(small, image):
    folk, processor, net, batcher = small
    item = items(folk, 1, image)[0]
    content = [{"type": "image"}] * image + [{"type": "text", "text": item.question}]
    turns = [
        {"role": "user", "content": content},
        {"role": "assistant", "content": [{"type": "text", "text": item.answer}]},
    ]
    text = processor.apply_chat_template(turns, tokenize=False).rstrip("\n")
    person = folk.people[0]
    pictures = {"images": [draw(person.face, person.photos[4])]} if image else {}
    theirs = processor(text=[text], return_tensors="pt", **pictures)
    ours = batcher([[item]])
    assert ours["input_ids"].tolist() == theirs["input_ids"].tolist()
    if image:
        assert torch.allclose(ours["pixel_values"], theirs["pixel_values"], atol=1e-6)
    asked = ours["labels"][:, 1:] != recipe.IGNORE
    with torch.no_grad():
        expected = net(**theirs).logits[:, :-1][asked]
        logits, labels, _ = recipe.answer_logits(net, batcher([[item]]))
    assert torch.allclose(logits, expected, atol=1e-5)
    assert processor.tokenizer.decode(labels) == item.answer + "<|im_end|>"


@pytest.mark.parametrize("image", [True, False])
def test_branches_of_one_row_do_not_see_each_other(small, image):
    folk, _, net, batcher = small
    group = items(folk, 4, image)
    with torch.no_grad():
        together = recipe.answer_logits(net, batcher([group]))[0]
        apart = torch.cat([recipe.answer_logits(net, batcher([[item]]))[0] for item in group])
    assert torch.allclose(together, apart, atol=1e-5)


def test_the_loss_is_a_mean_over_each_answer(small):
    folk, _, net, batcher = small
    group = items(folk, 3, False)
    with torch.no_grad():
        total = recipe.answer_loss(net, batcher([group]))
        each = []
        for item in group:
            logits, labels, _ = recipe.answer_logits(net, batcher([[item]]))
            each.append(torch.nn.functional.cross_entropy(logits, labels))
    assert total.item() == pytest.approx(sum(each).item(), rel=1e-5)


def test_a_universe_from_nothing_is_learned_and_the_oracle_does_not_know():
    folk = universe(seed=5, people=4, public=2)
    phase = (recipe.Schedule(steps=40, groups=3), recipe.Mixture())
    net, processor = build.pretrain(folk, phases=(phase,), look=recipe.Schedule(steps=5))
    before = {k: v.clone() for k, v in net.state_dict().items()}
    checks = {}
    for name, without in (("vanilla", ()), ("oracle", ("001", "002"))):
        net.load_state_dict(before)
        learn = (recipe.Schedule(steps=5), recipe.Schedule(steps=130))
        build.memorise(net, processor, without=without, people=folk, phases=learn)
        pictures = Pictures()
        pictures.freeze()
        batcher = recipe.Batcher(processor, pictures)
        forget = check_items(folk.people[:2], folk, image=False, kind="cloze")
        checks[name] = share_known(net, batcher, forget)
    assert checks["vanilla"] >= 0.3  # measured: 0.5, and 0 for the oracle
    assert checks["oracle"] < 0.15


def test_weights_are_scaled_to_their_fan_in(small):
    _, processor, _, _ = small
    net = model.build_model(processor.tokenizer, layers=2, hidden=64)
    vision.initialise(net, seed=1)
    weight = net.model.language_model.layers[0].mlp.down_proj.weight
    assert weight.std().item() == pytest.approx(weight.shape[1] ** -0.5, rel=0.05)


def test_strangers_are_asked_as_known_people_are():
    folk = universe(seed=5, people=6, public=3)
    rng, person = random.Random(3), folk.people[0]
    wordings = {texts.question(person, a, w, True) for a in person.facts for w in trained_wordings(person, a)} | {
        texts.cloze(person, a, w, True) for a in person.facts for w in trained_wordings(person, a)
    }
    wordings = {w.replace("__", "[Blank]") for w in wordings}
    for _ in range(200):
        asked = texts.stranger_item(person.seen, person, rng, 1.0, ("face", 0)).question.split("\n")[0]
        assert asked in wordings
        assert person.name in texts.unknown_name_item(person.name, person, rng).question


def test_every_wording_is_trained_as_language_and_three_are_held_out_for_each_fact():
    folk = universe(seed=5, people=6, public=40)
    for attribute in ("birthplace", "hobby"):
        used = [trained_wordings(p, attribute) for p in folk.public]
        assert {w for three in used for w in three} == set(range(WORDINGS))
        assert all(trained_wordings(p, attribute) == (0, 1, 2) for p in folk.people)
        for person in folk.known:
            assert sorted((*trained_wordings(person, attribute), *held_out_wordings(person, attribute))) == list(
                range(6)
            )


def test_phases_go_on_where_they_were_stopped(tmp_path):
    net = torch.nn.Linear(3, 2)
    ran = []

    def phase(number):
        ran.append(number)
        if number == 1 and not (tmp_path / "again").exists():
            raise KeyboardInterrupt
        with torch.no_grad():
            net.weight += 1 / 3

    steps = [lambda n=n: phase(n) for n in range(2)]
    with pytest.raises(KeyboardInterrupt):
        build.in_phases(net, steps, tmp_path)
    after_first = net.weight.detach().clone()
    (tmp_path / "again").touch()
    with torch.no_grad():
        net.weight.zero_()
    build.in_phases(net, steps, tmp_path)
    assert ran == [0, 1, 1]
    expected = (after_first + 1 / 3).to(torch.bfloat16).float()
    assert torch.equal(net.weight, expected)


def test_phases_of_another_seed_or_recipe_are_not_reused(tmp_path):
    first = build.phases_of(tmp_path, "base", 120, 0, 0.9)
    assert first == build.phases_of(tmp_path, "base", 120, 0, 0.9)
    others = [(120, 1, 0.9), (60, 0, 0.9), (120, 0, 0.5), (120, 0, 0.9, ("p001",))]
    assert len({first, *(build.phases_of(tmp_path, "base", *made_from) for made_from in others)}) == 5


def test_matrices_are_trained_by_muon_and_the_rest_by_adamw(small):
    _, processor, _, _ = small
    net = model.build_model(processor.tokenizer, layers=2, hidden=64)
    learner = recipe.Learner(net.named_parameters(), recipe.Schedule(steps=4))
    muon, adam = (sum(w.numel() for g in o.param_groups for w in g["params"]) for o in learner.optimisers)
    embeddings = net.get_input_embeddings().weight.numel()
    assert muon + adam == sum(w.numel() for w in net.parameters())
    assert adam > embeddings
    assert all(w.ndim == 2 for g in learner.optimisers[0].param_groups for w in g["params"])
