// Rust of the corpus: generics, closures, traits, panics.
use std::collections::HashMap;

trait Shape {
    fn area(&self) -> u64;
    fn twice(&self) -> u64 {
        self.area() * 2
    }
}

struct Square(u64);
struct Named<T> {
    value: T,
    name: String,
}

impl Shape for Square {
    #[inline(never)]
    fn area(&self) -> u64 {
        self.0 * self.0
    }
}

impl<T: Into<u64> + Copy> Shape for Named<T> {
    fn area(&self) -> u64 {
        self.value.into() + self.name.len() as u64
    }
}

mod inner {
    pub mod deep {
        #[inline(never)]
        pub fn fold<F: Fn(u64) -> u64>(values: &[u64], f: F) -> u64 {
            values.iter().map(|x| f(*x)).filter(|x| x % 3 != 0).sum()
        }
    }
}

#[inline(never)]
fn count(words: &[&str]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word.to_string()).or_insert(0) += 1;
    }
    counts
}

fn main() {
    let values: Vec<u64> = (0..std::env::args().count() as u64 + 10).collect();
    let shapes: Vec<Box<dyn Shape>> = vec![
        Box::new(Square(values[3])),
        Box::new(Named { value: 7u32, name: String::from("seven") }),
    ];
    let sum = inner::deep::fold(&values, |x| x * 3 + shapes[0].area());
    let total: u64 = shapes.iter().map(|shape| shape.twice()).sum();
    let counts = count(&["a", "b", "a"]);
    if sum + total == 0 {
        panic!("nothing in {:?}", counts);
    }
    println!("{} {} {}", sum, total, counts.len());
}
