//! Inverted dropout by hand, as an adapter to start from: put what you want to have judged in place of `forward` and
//! `backward`, and judge it with
//!
//!     keepprob check -- cargo run --release --quiet

mod keepprob_adapter;

use std::collections::HashMap;

use keepprob_adapter::{Answer, Error, Implementation, Tensors, number, serve};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use serde_json::{Value, json};

fn draw(size: usize, keep_prob: f64, random: &mut StdRng) -> Vec<bool> {
    (0..size)
        .map(|_| random.random::<f64>() < keep_prob)
        .collect()
}

fn forward(x: &[f64], mask: &[bool], keep_prob: f64) -> Vec<f64> {
    x.iter()
        .zip(mask)
        .map(|(x, &kept)| if kept { x / keep_prob } else { 0.0 })
        .collect()
}

fn backward(dy: &[f64], mask: &[bool], keep_prob: f64) -> Vec<f64> {
    dy.iter()
        .zip(mask)
        .map(|(dy, &kept)| if kept { dy / keep_prob } else { 0.0 })
        .collect()
}

/// A layer remembers its keep_prob, and continues its stream of random numbers from call to call.
struct Layer {
    keep_prob: f64,
    random: StdRng,
}

#[derive(Default)]
struct Dropout {
    layers: HashMap<String, Layer>,
}

impl Implementation for Dropout {
    fn about(&self) -> Value {
        json!({
            "name": "my-dropout",
            "version": "0.1.0",
            "capabilities": {
                "dropout": {
                    "dtypes": ["float64", "float32"],
                    "gradient": true,
                    "mask": true,
                    "seed": "advances",
                    "layer": true,
                    "repeat": true,
                    "keep_prob_zero": "error",
                },
            },
        })
    }

    /// y and the mask; dx too, where dy came.
    fn dropout(&mut self, args: &Value, tensors: &Tensors) -> Answer {
        let keep_prob = number(&args["keep_prob"])?;
        if !(0.0 < keep_prob && keep_prob <= 1.0) {
            return Err(Error::InvalidArgument(format!(
                "keep_prob must be in (0, 1], got {keep_prob}"
            )));
        }
        let make = || {
            let seed = args["seed"].as_u64();
            let random = seed.map_or_else(rand::make_rng, StdRng::seed_from_u64);
            Layer { keep_prob, random }
        };
        let Layer { keep_prob, random } = match args["layer"].as_str() {
            Some(name) => self.layers.entry(name.into()).or_insert_with(make),
            None => &mut make(),
        };
        let (x, dy) = (&tensors["x"], tensors.get("dy"));
        let values = x.values()?;
        let mut answer = Tensors::new();
        if args["training"] == true {
            let mask = draw(values.len(), *keep_prob, random);
            let y = forward(&values, &mask, *keep_prob);
            answer.insert("y".into(), x.with(&y));
            if let Some(dy) = dy {
                let dx = backward(&dy.values()?, &mask, *keep_prob);
                answer.insert("dx".into(), dy.with(&dx));
            }
            answer.insert("mask".into(), x.mask(&mask));
        } else {
            answer.insert("y".into(), x.clone());
            answer.extend(dy.map(|dy| ("dx".into(), dy.clone())));
        }
        Ok(answer)
    }
}

fn main() -> Result<(), Error> {
    serve(Dropout::default())
}
