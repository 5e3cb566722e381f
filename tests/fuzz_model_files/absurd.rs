//! Models whose structure is sound and whose content cannot be meant, with a part of the message that
//! each must be refused with.

use serde_json::{Value, json};

use crate::base::Base;

type Files = Vec<(&'static str, Vec<u8>, &'static str)>;

pub fn files(cells: &Base, layers: &Base) -> Files {
    let mut files = Files::new();
    let mut change = |name, base: &Base, expected, change: &dyn Fn(&mut Value)| {
        let mut header = base.header.clone();
        change(&mut header);
        files.push((name, base.with_header(&header), expected));
    };
    let network = |layers: Value| json!({ "layer": layers });

    change("newer", cells, "a newer showerforge wrote it", &|h| h["format_version"] = json!(1000));
    change("older", cells, "train again", &|h| h["format_version"] = json!(0));
    change("no version", cells, "missing field `format_version`", &|h| {
        h.as_object_mut().expect("an object").remove("format_version");
    });
    change("wide", cells, "expected widths of 1 to 65536", &|h| {
        h["generator"]["network"]["hidden"] = json!([1_u64 << 40]);
    });
    change("1 GiB of weights", cells, "numbers, its generator has", &|h| {
        h["generator"]["network"]["hidden"] = json!([16_384, 16_384]);
    });
    change("latent", cells, "16777216", &|h| h["generator"]["latent"] = json!(u64::MAX));
    change("10 000 layers of 1 GiB", cells, "numbers, its generator has", &|h| {
        h["generator"]["network"]["hidden"] = json!(vec![16_384; 10_000]);
    });
    change("10²⁰ layers", layers, "100000 layers", &|h| {
        let many = (0..5).fold(
            json!({ "kind": "relu" }),
            |inside, _| json!({ "kind": "repeat", "times": 10_000, "layer": [inside] }),
        );
        h["generator"]["network"] = network(json!([many]));
    });
    change("copies of a large setting", layers, "expected 2 numbers", &|h| {
        let pool = json!({ "kind": "average-pool", "kernel": vec![1; 100_000] });
        let reshape = json!({ "kind": "reshape", "shape": [2, 1, 1] });
        let many = json!({ "kind": "repeat", "times": 10_000, "layer": [pool] });
        h["generator"]["network"] = network(json!([reshape, many]));
        h["generator"]["network"]["conditions"] = json!("none");
    });
    change("deep", layers, "outputs, expected 21", &|h| {
        let deep = (0..40).fold(
            json!({ "kind": "relu" }),
            |inside, _| json!({ "kind": "residual", "layer": [inside] }),
        );
        h["generator"]["network"] = network(json!([deep]));
        h["generator"]["network"]["conditions"] = json!("none");
    });
    change("no voxels", cells, "`voxel_layer`", &|h| h["codec"]["voxel_layer"] = json!([]));
    change("a layer that is not", cells, "`voxel_layer`", &|h| {
        h["codec"]["voxel_layer"][17] = json!(u64::MAX);
    });
    change("no deviation", cells, "`voxel_deviation`", &|h| {
        h["codec"]["voxel_deviation"][3] = json!(0.0);
    });
    change("an infinite deviation", cells, "`voxel_deviation`", &|h| {
        h["codec"]["voxel_deviation"][3] = json!(1e300);
    });
    change("no knots", cells, "`sums`", &|h| h["codec"]["sums"]["knots"] = json!([]));
    change("a short knot", cells, "`sums`", &|h| {
        h["codec"]["sums"]["knots"][0]["mean"] = json!([1.0]);
    });
    change("another threshold", cells, "`readout_threshold` is 7", &|h| {
        h["codec"]["readout_threshold"] = json!(7.0);
    });
    change("no labels", cells, "it has 0 labels, its detector 2", &|h| {
        h["codec"]["labels"]["labels"] = json!([]);
    });
    change("a label elsewhere", cells, "label `incident_energy` does not fit", &|h| {
        h["codec"]["labels"]["labels"][0]["column"] = json!(1_000_000);
    });
    change("an empty range", layers, "label `angle` does not fit", &|h| {
        h["codec"]["labels"]["labels"][1]["kind"]["maximum"] = json!(0.5);
    });
    change("the logarithm of 0", cells, "label `incident_energy` does not fit", &|h| {
        h["codec"]["labels"]["labels"][0]["kind"]["minimum"] = json!(0.0);
    });
    change("columns", layers, "`layer_of_column` is 18 values", &|h| {
        h["codec"]["pipeline"]["columns"] = json!(1_u64 << 60);
    });
    change("layers of columns", layers, "layers below", &|h| {
        h["codec"]["pipeline"]["steps"][1]["layer_of_column"][0] = json!(u64::MAX);
    });
    let detector = |from: &'static str, to: &'static str| {
        move |h: &mut Value| {
            let text = h["detector"].as_str().expect("text").replace(from, to);
            assert_ne!(h["detector"], json!(text), "{from}");
            h["detector"] = json!(text);
        }
    };
    let cells_are = "cells = [3, 3, 2]";
    change("10⁷ layers", cells, "10000 layers", &detector(cells_are, "cells = [1, 1, 10000000]"));
    change(
        "2¹⁰⁰ cells",
        cells,
        "expected 1 to 10000000",
        &detector(cells_are, "cells = [1099511627776, 1099511627776, 1048576]"),
    );
    change("no cells", cells, "expected 1 to 10000000", &detector(cells_are, "cells = [0, 3, 2]"));
    change(
        "2¹²⁰ pixels",
        cells,
        "pixels at most",
        &detector(
            "minimum = 0.5\nmaximum = 1.5",
            "image = [1152921504606846976, 1152921504606846976]",
        ),
    );
    change("another detector", cells, "`voxel_layer`", &detector(cells_are, "cells = [3, 2, 3]"));
    change("not TOML", cells, "TOML", &detector("[response]", "[[[["));

    for (name, depth) in [("JSON 200 deep", 200), ("JSON 100 000 deep", 100_000)] {
        let text = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        files.push((name, cells.with_text(&text), "recursion limit"));
    }
    for depth in [100, 200, 100_000] {
        let mut header = cells.header.clone();
        let deep = format!("x = {}1{}\n", "[".repeat(depth), "]".repeat(depth));
        let text = header["detector"].as_str().expect("text").to_owned();
        header["detector"] = json!(deep + &text);
        files.push(("TOML deep", cells.with_header(&header), "not a model"));
    }
    files.push(("not JSON", cells.with_text("{"), "EOF"));
    files
}
