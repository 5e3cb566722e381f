/// A hole: it is there from `birth` on until `death`, or to the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    pub birth: f64,
    pub death: Option<f64>,
}

/// An edge or a triangle of vertices in ascending order, and when it comes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Simplex<const N: usize> {
    pub(super) vertices: [usize; N],
    pub(super) value: f64,
}

/// The intervals of one-dimensional homology over Z/2 of a filtered complex of vertices (all there
/// from the start), edges and triangles; no triangle comes before its edges. Holes that die when
/// they are born are left out.
///
/// Each edge that closes a cycle opens a hole; triangles, in the order in which they come, close
/// them, by the standard reduction of their boundaries (Edelsbrunner, Letscher and Zomorodian
/// 2002).
pub(super) fn holes(
    vertices: usize,
    mut edges: Vec<Simplex<2>>,
    mut triangles: Vec<Simplex<3>>,
) -> Vec<Interval> {
    edges.sort_by(|a, b| a.value.total_cmp(&b.value).then(a.vertices.cmp(&b.vertices)));
    triangles.sort_by(|a, b| a.value.total_cmp(&b.value).then(a.vertices.cmp(&b.vertices)));
    let mut number_of = vec![usize::MAX; vertices * vertices];
    let mut components: Vec<usize> = (0..vertices).collect();
    let mut opens = vec![false; edges.len()];
    for (number, edge) in edges.iter().enumerate() {
        let [a, b] = edge.vertices;
        number_of[a * vertices + b] = number;
        let (a, b) = (root(&mut components, a), root(&mut components, b));
        opens[number] = a == b;
        components[a.max(b)] = a.min(b);
    }
    let mut open = opens.iter().filter(|&&opens| opens).count();
    let words = edges.len().div_ceil(64);
    // The reduced boundary whose last edge is this one, and when its triangle came.
    let mut closed: Vec<Option<(Vec<u64>, f64)>> = vec![None; edges.len()];
    for triangle in &triangles {
        if open == 0 {
            break;
        }
        let [a, b, c] = triangle.vertices;
        let mut boundary = vec![0_u64; words];
        for [a, b] in [[a, b], [a, c], [b, c]] {
            let edge = number_of[a * vertices + b];
            boundary[edge / 64] ^= 1 << (edge % 64);
        }
        while let Some(last) = last_bit(&boundary) {
            let Some((other, _)) = &closed[last] else {
                closed[last] = Some((boundary, triangle.value));
                open -= 1;
                break;
            };
            // Neither has an edge after `last`.
            let used = last / 64 + 1;
            boundary[..used].iter_mut().zip(&other[..used]).for_each(|(to, from)| *to ^= from);
        }
    }
    (0..edges.len())
        .filter(|&edge| opens[edge])
        .map(|edge| Interval {
            birth: edges[edge].value,
            death: closed[edge].as_ref().map(|(_, value)| *value),
        })
        .filter(|hole| hole.death != Some(hole.birth))
        .collect()
}

fn last_bit(words: &[u64]) -> Option<usize> {
    let word = words.iter().rposition(|&word| word != 0)?;
    Some(word * 64 + 63 - words[word].leading_zeros() as usize)
}

fn root(components: &mut [usize], mut vertex: usize) -> usize {
    while components[vertex] != vertex {
        components[vertex] = components[components[vertex]];
        vertex = components[vertex];
    }
    vertex
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_has_a_hole_until_it_is_filled() {
        let edge = |a, b, value| Simplex { vertices: [a, b], value };
        let edges = vec![
            edge(0, 1, 1.0),
            edge(1, 2, 1.0),
            edge(2, 3, 1.0),
            edge(0, 3, 2.0),
            edge(0, 2, 3.0),
        ];
        let open = holes(4, edges.clone(), vec![]);
        let forever = |birth| Interval { birth, death: None };
        assert_eq!(open, [forever(2.0), forever(3.0)]);
        let triangle = |vertices, value| Simplex { vertices, value };
        let filled = holes(4, edges, vec![triangle([0, 1, 2], 3.0), triangle([0, 2, 3], 5.0)]);
        assert_eq!(filled, [Interval { birth: 2.0, death: Some(5.0) }]);
    }

    #[test]
    fn the_surface_of_a_tetrahedron_has_no_hole() {
        let (mut edges, mut triangles) = (Vec::new(), Vec::new());
        for a in 0..4 {
            for b in a + 1..4 {
                edges.push(Simplex { vertices: [a, b], value: 1.0 });
                for c in b + 1..4 {
                    triangles.push(Simplex { vertices: [a, b, c], value: 1.0 });
                }
            }
        }
        assert_eq!(holes(4, edges, triangles), []);
    }
}
