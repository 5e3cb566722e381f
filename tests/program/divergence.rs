//! What a training says and does when it goes wrong.

use serde_json::Value;
use showerforge::compute::cpu;
use showerforge::gan::training::CheckpointHeader;
use showerforge::model::SurrogateModel;

use crate::surrogate::SETTINGS;
use crate::training_record::{log, train};

/// The surrogate, whose first critic learns as it should for a while, and from then on with a rate
/// of 10.
fn with_a_rate_that_jumps(settings: &str, from: f64, safety: &str) -> String {
    let calm = r#"optimiser = { kind = "adam", learning_rate = 1e-3, beta1 = 0.5"#;
    assert!(settings.contains(calm), "{settings}");
    let jumps = format!(
        "{{ kind = \"linear\", start = 1e-3, end = 10.0, from = {from}, until = {} }}",
        from + 0.05
    );
    settings.replacen(calm, &calm.replace("1e-3", &jumps), 1) + "\n[safety]\n" + safety
}

/// A critic that leaves its path after the twelve lines of the log that its losses are compared
/// with, and a watch that does not let it go far.
pub fn diverging(then: &str) -> String {
    let safety =
        format!("on_divergence = \"{then}\"\nrate_factor = 0.03\nlargest_loss_ratio = 20.0\n");
    with_a_rate_that_jumps(SETTINGS, 0.6, &safety)
}

/// A critic whose objective has an exponential of its score, which overflows; no watch but that for
/// what is not a number.
fn overflowing(then: &str) -> String {
    let wasserstein = r#"objective = { kind = "wasserstein" }"#;
    assert!(SETTINGS.contains(wasserstein));
    let exponential = r#"objective = { kind = "f-divergence", divergence = "kullback-leibler" }"#;
    let safety =
        format!("on_divergence = \"{then}\"\nrate_factor = 0.001\nlargest_loss_ratio = inf\n");
    with_a_rate_that_jumps(&SETTINGS.replacen(wasserstein, exponential, 1), 0.3, &safety)
}

#[test]
fn a_diverged_training_says_what_happened_where_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (code, message) = train(&diverging("stop"), folder.path(), &[]);
    assert_eq!(code, 1, "{message}");
    assert!(message.contains("training diverged at iteration"), "{message}");
    assert!(message.contains("of critic `shower` is"), "{message}");
    let advice = " is from before; try a lower `learning_rate`";
    assert!(message.contains(advice), "{message}");
    let log = log(folder.path());
    let last = log.last().unwrap();
    assert_eq!(
        (&last["event"], &last["trouble"]),
        (&"diverged".into(), &"critic-divergence".into())
    );
}

#[test]
fn roll_backs_lower_the_learning_rates_until_there_were_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let often = diverging("roll-back")
        .replace("rate_factor = 0.03", "rate_factor = 0.99\nmost_roll_backs = 2");
    let (code, message) = train(&often, folder.path(), &["--checkpoint-every", "4"]);
    assert_eq!(code, 1, "{message}");
    assert!(message.contains("after 2 roll-backs"), "{message}");
    let log = log(folder.path());
    let events: Vec<&Value> = log.iter().filter(|line| !line["event"].is_null()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["roll-back", "roll-back", "diverged"]);
    let to = events[0]["to_iteration"].as_u64().unwrap();
    assert!(to.is_multiple_of(4) && to < events[0]["iteration"].as_u64().unwrap());
    // Of a critic whose rate is constant.
    let rate = |line: &Value| line["critics"][1]["learning_rate"].as_f64();
    let rates: Vec<f64> = log.iter().filter_map(rate).collect();
    approx::assert_relative_eq!(rates[0], 1e-3);
    approx::assert_relative_eq!(rates[rates.len() - 1], 1e-3 * 0.99 * 0.99, max_relative = 1e-12);
    let page = std::fs::read_to_string(folder.path().join("out/progress.html")).unwrap();
    assert!(page.contains("<dt>roll-backs</dt><dd>2</dd>"), "{page}");
}

#[test]
fn a_loss_that_is_not_a_number_stops_a_training_before_anything_of_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let (code, message) = train(&overflowing("stop"), folder.path(), &["--checkpoint-every", "4"]);
    assert_eq!(code, 1, "{message}");
    assert!(message.contains("critic `shower` is not a number"), "{message}");
    let log = log(folder.path());
    let (last, before) = log.split_last().unwrap();
    assert_eq!(
        (&last["event"], &last["trouble"]),
        (&"diverged".into(), &"loss-not-a-number".into())
    );
    let iteration = last["iteration"].as_u64().unwrap();
    assert!((19..60).contains(&iteration), "{last}");
    assert!(before.iter().all(|line| line["critics"][0]["loss"].is_f64()), "{before:?}");
    let out = folder.path().join("out");
    let (header, _) = CheckpointHeader::read(&out.join("checkpoint.safetensors")).unwrap();
    assert!(header.iteration > 0 && header.iteration < iteration, "{}", header.iteration);
    let from_before = format!("of iteration {}, is from before", header.iteration);
    assert!(message.contains(&from_before), "{message}");
    // A model with a weight that is not a number is refused.
    assert!(SurrogateModel::read(&out.join("model.safetensors"), &cpu()).is_ok());
}

#[test]
fn a_training_goes_on_with_smaller_rates_after_a_loss_that_is_not_a_number() {
    // Back to a checkpoint, and, without one, to the beginning.
    for every in ["4", "1000"] {
        let folder = tempfile::tempdir().unwrap();
        let settings = overflowing("roll-back").replace("every = 8", "every = 55");
        let (code, message) = train(&settings, folder.path(), &["--checkpoint-every", every]);
        assert_eq!(code, 0, "{message}");
        let log = log(folder.path());
        let events: Vec<&Value> = log.iter().filter(|line| !line["event"].is_null()).collect();
        assert!(!events.is_empty(), "{message}");
        for (event, number) in events.iter().zip(1..) {
            assert_eq!(event["event"], "roll-back");
            assert_eq!(event["trouble"], "loss-not-a-number");
            let factor = event["rate_factor"].as_f64().unwrap();
            approx::assert_relative_eq!(factor, 0.001_f64.powi(number), max_relative = 1e-12);
        }
        let to = events[0]["to_iteration"].as_u64().unwrap();
        assert!(if every == "4" { to >= 16 && to.is_multiple_of(4) } else { to == 0 }, "{to}");
        let last = log.last().unwrap();
        assert_eq!(last["iteration"], 60);
        let rate = last["critics"][1]["learning_rate"].as_f64().unwrap();
        let expected = 1e-3 * 0.001_f64.powi(i32::try_from(events.len()).unwrap());
        approx::assert_relative_eq!(rate, expected, max_relative = 1e-12);
        let model = folder.path().join("out/model-last.safetensors");
        assert!(SurrogateModel::read(&model, &cpu()).is_ok());
    }
}
