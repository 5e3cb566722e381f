use super::persistence::{Interval, Simplex, holes};

/// The vertices, edges and triangles of a relaxed witness complex, each with the relaxation from
/// which on it belongs to it.
///
/// A witness w at the distances d(w, ·) from the landmarks stands for a set of landmarks σ under the
/// relaxation max_{l in σ} d(w, l) − min_{l not in σ} d(w, l), at least 0. A set belongs to the
/// complex from the least relaxation of all witnesses on, and not before its subsets (de Silva and
/// Carlsson 2004; as GUDHI's `WitnessComplex`, if its table holds these distances).
#[derive(Debug, Clone, PartialEq)]
pub struct WitnessComplex {
    landmarks: usize,
    edges: Vec<Simplex<2>>,
    triangles: Vec<Simplex<3>>,
}

impl WitnessComplex {
    /// Up to a relaxation of `most`.
    ///
    /// # Shapes
    /// `distances`: `[witnesses, landmarks]`, row by row.
    ///
    /// # Panics
    /// If the distances are not of whole rows.
    pub fn new(landmarks: usize, distances: &[f64], most: f64) -> Self {
        assert!(landmarks > 0 && distances.len().is_multiple_of(landmarks), "rows of landmarks");
        let mut relaxations = Relaxations::new(landmarks);
        let mut order: Vec<usize> = Vec::new();
        let mut sorted = Vec::new();
        for distances in distances.chunks_exact(landmarks) {
            order.clear();
            order.extend(0..landmarks);
            order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]).then(a.cmp(&b)));
            sorted.clear();
            sorted.extend(order.iter().map(|&landmark| distances[landmark]));
            relaxations.witness(&order, &sorted, most);
        }
        relaxations.complex(most)
    }

    /// When each edge comes, by its landmarks in ascending order.
    pub fn edges(&self) -> impl Iterator<Item = ([usize; 2], f64)> + '_ {
        self.edges.iter().map(|edge| (edge.vertices, edge.value))
    }

    /// When each triangle comes, by its landmarks in ascending order.
    pub fn triangles(&self) -> impl Iterator<Item = ([usize; 3], f64)> + '_ {
        self.triangles.iter().map(|triangle| (triangle.vertices, triangle.value))
    }

    /// The holes: intervals of one-dimensional homology.
    pub fn holes(&self) -> Vec<Interval> {
        holes(self.landmarks, self.edges.clone(), self.triangles.clone())
    }
}

/// The least relaxation of all witnesses so far, for each set of landmarks.
struct Relaxations {
    landmarks: usize,
    vertices: Vec<f64>,
    /// `[landmarks, landmarks]`, the first below the second.
    edges: Vec<f64>,
    /// `[landmarks, landmarks, landmarks]`, in ascending order.
    triangles: Vec<f64>,
}

impl Relaxations {
    fn new(landmarks: usize) -> Self {
        let of = |count: u32| vec![f64::INFINITY; landmarks.pow(count)];
        Self { landmarks, vertices: of(1), edges: of(2), triangles: of(3) }
    }

    /// Takes a witness in: `order` are the landmarks by ascending distance, `sorted` the distances.
    fn witness(&mut self, order: &[usize], sorted: &[f64], most: f64) {
        let count = order.len();
        let at = |place: usize| sorted.get(place).copied().unwrap_or(f64::INFINITY);
        // Of a set in which the place `missing` is the nearest that is left out.
        let relaxation = |last: usize, missing: usize| (at(last) - at(missing)).max(0.0);
        for (p, &first) in order.iter().enumerate() {
            let alone = relaxation(p, first_missing(&[p]));
            if alone > most {
                break;
            }
            keep_least(&mut self.vertices[first], alone);
            for q in p + 1..count {
                let pair = relaxation(q, first_missing(&[p, q]));
                if pair > most {
                    break;
                }
                let mut pair_of = [first, order[q]];
                pair_of.sort_unstable();
                keep_least(&mut self.edges[pair_of[0] * self.landmarks + pair_of[1]], pair);
                for r in q + 1..count {
                    let triple = relaxation(r, first_missing(&[p, q, r]));
                    if triple > most {
                        break;
                    }
                    let [a, b, c] = sorted_three(first, order[q], order[r]);
                    let place = (a * self.landmarks + b) * self.landmarks + c;
                    keep_least(&mut self.triangles[place], triple);
                }
            }
        }
    }

    /// The sets that come up to a relaxation of `most`, none before its subsets.
    fn complex(self, most: f64) -> WitnessComplex {
        let count = self.landmarks;
        let mut edges = Vec::new();
        let mut of_edges = self.edges;
        for a in 0..count {
            for b in a + 1..count {
                let place = a * count + b;
                let value = of_edges[place].max(self.vertices[a]).max(self.vertices[b]);
                of_edges[place] = value;
                if value <= most {
                    edges.push(Simplex { vertices: [a, b], value });
                }
            }
        }
        let edge = |a: usize, b: usize| of_edges[a * count + b];
        let mut triangles = Vec::new();
        for a in 0..count {
            for b in a + 1..count {
                if edge(a, b) > most {
                    continue;
                }
                for c in b + 1..count {
                    let own = self.triangles[(a * count + b) * count + c];
                    let value = own.max(edge(a, b)).max(edge(a, c)).max(edge(b, c));
                    if value <= most {
                        triangles.push(Simplex { vertices: [a, b, c], value });
                    }
                }
            }
        }
        WitnessComplex { landmarks: count, edges, triangles }
    }
}

fn keep_least(value: &mut f64, other: f64) {
    *value = value.min(other);
}

/// The first place that is not among these, in ascending order.
fn first_missing(places: &[usize]) -> usize {
    places.iter().enumerate().position(|(number, &place)| number != place).unwrap_or(places.len())
}

fn sorted_three(a: usize, b: usize, c: usize) -> [usize; 3] {
    let mut all = [a, b, c];
    all.sort_unstable();
    all
}
