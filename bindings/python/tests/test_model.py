import json
import pickle
import subprocess
import threading
import warnings

import numpy as np
import pytest

import showerforge
from conftest import MODEL


def test_a_model_describes_itself(model):
    assert showerforge.__version__.count(".") == 2
    assert repr(model) == "<showerforge.Model calochallenge-photons: 368 values in MeV>"
    assert (model.detector, model.unit, model.values) == ("calochallenge-photons", "MeV", 368)
    assert model.shape == (368,)
    assert len(model.sha256) == 64
    (condition,) = model.conditions
    assert (condition.name, condition.unit, condition.kind) == ("incident_energy", "MeV", "number")
    assert (condition.minimum, condition.maximum, condition.categories) == (256.0, 8192.0, [])
    assert repr(condition) == "<Condition incident_energy: 256 to 8192 MeV>"
    assert [layer.id for layer in model.layers] == [0, 1, 2, 3, 12]
    assert sum(layer.values for layer in model.layers) == 368
    described = model.describe()
    assert described["training"]["events"] == 48000
    assert json.dumps(described)


def test_event_12345_is_that_of_the_program(model, program, tmp_path):
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "showers.hdf5"
    subprocess.run(
        [program, "generate", "--model", MODEL, "--nevents", "1", "--first-event", "12345"]
        + ["--seed", "1", "--energies", "1024", "--output", path],
        check=True,
        capture_output=True,
    )
    with h5py.File(path) as file:
        expected = file["showers"][:]
    made = model.generate(1024.0, seed=1, first_event=12345)
    assert made.shape == (1, 368) and made.dtype == np.float32
    assert np.array_equal(made, expected)


def test_events_are_the_same_however_they_are_asked_for(model):
    energies = np.geomspace(256, 8192, 150)
    made = model.generate(energies, seed=7, first_event=1000)
    assert made.shape == (150, 368) and np.isfinite(made).all() and made.sum() > 0
    for threads in (0, 1, 3):
        again = model.generate(energies, seed=7, first_event=1000, threads=threads)
        assert np.array_equal(again, made)
    rows = [149, 3, 4, 5, 70]
    chosen = model.generate(energies[rows], seed=7, event_numbers=[1000 + row for row in rows])
    assert np.array_equal(chosen, made[rows])
    numbers = np.array(rows, dtype=np.uint64) + np.uint64(1000)
    assert np.array_equal(model.generate(energies[rows], seed=7, event_numbers=numbers), made[rows])
    assert not np.array_equal(model.generate(energies, seed=8, first_event=1000), made)


def test_one_energy_serves_all_events(model):
    expected = model.generate([1024.0] * 5, seed=3)
    assert np.array_equal(model.generate(1024, seed=3, events=5), expected)
    assert np.array_equal(model.generate(np.float32(1024), seed=3, events=5), expected)
    assert np.array_equal(
        model.generate(seed=3, events=5, conditions={"incident_energy": 1024}), expected
    )
    assert np.array_equal(model.generate(np.full((5, 1), 1024), seed=3), expected)
    strided = np.full(10, 1024.0)[::2]
    assert np.array_equal(model.generate(strided, seed=3), expected)
    assert model.generate([], seed=3).shape == (0, 368)
    assert model.generate(1024, seed=3, events=0).shape == (0, 368)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"energies": [1000.0, np.nan]}, "event 1 is NaN, expected a finite number"),
        ({"energies": [-1.0]}, "expected a positive number"),
        ({"energies": np.ones((2, 2))}, r"has shape \[2, 2\]"),
        ({"energies": "much"}, "not a number or an array"),
        ({"energies": [[1.0], [2.0, 3.0]]}, "not a number or an array"),
        ({"energies": [1000.0] * 3, "events": 2}, "given for 3 events, expected 2"),
        ({}, "`incident_energy` is not given"),
        ({"energies": 1e3, "conditions": {"theta": 1}}, "no condition `theta`; it has `incident_en"),
        ({"energies": 1e3, "conditions": {"incident_energy": 1}}, "given twice"),
        ({"energies": 1e3, "event_numbers": [1, 2], "events": 3}, "2 event numbers for 3 events"),
        ({"energies": 1e3, "first_event": 2**64 - 1}, "number of the last event"),
        ({"energies": 9000.0, "strict": True}, "outside the 256 to 8192 MeV"),
        ({"energies": 1e3, "threads": 10**9}, "threads"),
    ],
)
def test_bad_requests_are_refused(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        model.generate(**arguments, seed=1)


def test_what_does_not_fit_raises_and_does_not_abort(model):
    with pytest.raises(MemoryError, match="ask for fewer"):
        model.generate(1000.0, seed=1, events=2**61)
    for seed in (-1, 2**64):
        with pytest.raises(OverflowError):
            model.generate(1000.0, seed=seed)
    with pytest.raises(TypeError):
        model.generate(1000.0)


def test_beyond_the_training_it_warns(model):
    with pytest.warns(UserWarning, match="outside the 256 to 8192 MeV") as caught:
        made = model.generate([1000.0, 9000.0], seed=1, first_event=4)
    assert "event 5 is 9000 MeV" in str(caught[0].message)
    assert made.shape == (2, 368)
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.generate([256.0, 8192.0], seed=1)
        with pytest.raises(UserWarning):
            model.generate(9000.0, seed=1)


def test_bad_files_are_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file"):
        showerforge.Model(tmp_path / "missing.safetensors")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(MODEL.read_bytes()[:5000])
    with pytest.raises(ValueError, match="cut off"):
        showerforge.Model(broken)
    with pytest.raises(ValueError, match="expected 00"):
        showerforge.Model(MODEL, sha256="00")


def test_threads_share_a_model(model):
    energies = np.geomspace(256, 8192, 128)
    expected = model.generate(energies, seed=2)
    wrong = []

    def work(first):
        for event in range(first, 128, 8):
            made = model.generate(energies[event], seed=2, first_event=event)
            if not np.array_equal(made[0], expected[event]):
                wrong.append(event)

    workers = [threading.Thread(target=work, args=(first,)) for first in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []


def test_a_pickled_model_is_the_same(model, tmp_path):
    again = pickle.loads(pickle.dumps(model))
    assert again.sha256 == model.sha256
    assert np.array_equal(again.generate(500.0, seed=1), model.generate(500.0, seed=1))
    copy = tmp_path / "model.safetensors"
    copy.write_bytes(MODEL.read_bytes())
    pickled = pickle.dumps(showerforge.Model(copy))
    copy.write_bytes(copy.read_bytes()[:-1])
    with pytest.raises(ValueError):
        pickle.loads(pickled)
