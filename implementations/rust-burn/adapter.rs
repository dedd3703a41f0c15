//! Burn on Flex, its backend for CPUs in pure Rust. The adapter translates and never repairs: the wire's keep_prob becomes the library's
//! prob, and what the library then does is what is judged.

#[path = "../rust/keepprob_adapter.rs"]
mod keepprob_adapter;

use std::collections::HashMap;
use std::panic::catch_unwind;

use burn::module::{Module, Param};
use burn::nn::loss::{MseLoss, Reduction};
use burn::nn::{Dropout, DropoutConfig, Linear};
use burn::optim::decay::WeightDecayConfig;
use burn::optim::momentum::MomentumConfig;
use burn::optim::{AdamConfig, AdamWConfig, Optimizer, SgdConfig};
use burn::tensor::{DType, Device, Tensor as Array, TensorData, activation};
use keepprob_adapter::{
    Answer, Error, Implementation, Tensor, Tensors, message_of, number, schedule, serve,
};
use serde_json::{Value, json};

/// The library has no scalars: what has no axis gets one.
fn to_array<const D: usize>(tensor: &Tensor, device: &Device) -> Result<Array<D>, Error> {
    let dtype = match tensor.dtype.as_str() {
        "float64" => DType::F64,
        "float32" => DType::F32,
        other => return Err(Error::Unsupported(format!("no {other}"))),
    };
    let shape = if tensor.shape.is_empty() {
        vec![1]
    } else {
        tensor.shape.clone()
    };
    let data = TensorData::from_bytes_vec(tensor.data.clone(), shape, dtype);
    Ok(Array::from_data(data, (device, dtype)))
}

/// An answer in the shape of what was asked about.
fn to_tensor<const D: usize>(array: Array<D>, asked: &Tensor) -> Result<Tensor, Error> {
    let data = array.into_data();
    let dtype = match data.dtype() {
        DType::F64 => "float64",
        DType::F32 => "float32",
        other => return Err(Error::Internal(format!("got {other:?}"))),
    };
    let shape = asked.shape.clone();
    Ok(Tensor {
        dtype: dtype.into(),
        shape,
        data: data.as_bytes().into(),
    })
}

/// The library refuses a probability with a panic.
fn dropout_with(keep_prob: f64) -> Result<Dropout, Error> {
    let init = || DropoutConfig::new(1.0 - keep_prob).init();
    catch_unwind(init).map_err(|panic| Error::InvalidArgument(message_of(panic)))
}

/// y, and dx where dy came, for tensors of D axes.
fn call<const D: usize>(layer: &Dropout, tensors: &Tensors) -> Answer {
    let (x, device) = (&tensors["x"], Device::flex().autodiff());
    let input = to_array::<D>(x, &device)?.require_grad();
    let y = layer.forward(input.clone());
    let mut answer = Tensors::from([("y".into(), to_tensor(y.clone(), x)?)]);
    if let Some(dy) = tensors.get("dy") {
        let gradients = (y * to_array(dy, &device)?).sum().backward();
        let dx = input.grad(&gradients);
        let dx = dx.ok_or_else(|| Error::Internal("no gradient".into()))?;
        answer.insert("dx".into(), to_tensor(dx, x)?);
    }
    Ok(answer)
}

#[derive(Default)]
struct Burn {
    layers: HashMap<String, Dropout>,
}

impl Implementation for Burn {
    fn about(&self) -> Value {
        json!({
            "name": "Burn",
            "version": "0.22.1",
            "homepage": "https://burn.dev",
            "capabilities": {
                "dropout": {
                    "dtypes": ["float64", "float32"],
                    "gradient": true,
                    "layer": true,
                    "repeat": true,
                    "keep_prob_zero": "error",
                },
                "step": {
                    "dtypes": ["float32"],
                    "optimizers": {
                        "sgd": { "decay": "coupled", "bias": true },
                        "adam": { "decay": "coupled", "bias": true },
                        "adamw": {
                            "decay": "decoupled",
                            "times_lr": true,
                            "order": "before",
                            "bias": true,
                        },
                    },
                },
                "network": { "dtypes": ["float64", "float32"] },
            },
        })
    }

    fn dropout(&mut self, args: &Value, tensors: &Tensors) -> Answer {
        let made = dropout_with(number(&args["keep_prob"])?)?;
        let layer = match args["layer"].as_str() {
            Some(name) => self.layers.entry(name.into()).or_insert(made),
            None => &made,
        };
        let layer = if args["training"] == true {
            layer.clone()
        } else {
            layer.valid()
        };
        match tensors["x"].shape.len() {
            0 | 1 => call::<1>(&layer, tensors),
            2 => call::<2>(&layer, tensors),
            3 => call::<3>(&layer, tensors),
            4 => call::<4>(&layer, tensors),
            5 => call::<5>(&layer, tensors),
            axes => Err(Error::Unsupported(format!("{axes} axes"))),
        }
    }

    /// An optimizer for each step, since the decay is a part of it; its state goes on from step to step.
    fn step(&mut self, args: &Value, tensors: &Tensors) -> Answer {
        let steps = args["steps"].as_u64().unwrap_or_default() as usize;
        let lr = schedule(&args["lr"], steps)?;
        let decays = schedule(&args["weight_decay"], steps)?;
        let beta_1 = number(&args["beta1"]).unwrap_or(0.9) as f32;
        let beta_2 = number(&args["beta2"]).unwrap_or(0.999) as f32;
        let epsilon = number(&args["eps"]).unwrap_or(1e-8) as f32;
        let momentum = number(&args["momentum"]).unwrap_or(0.0);
        let momentum = MomentumConfig::new()
            .with_momentum(momentum)
            .with_dampening(0.0);
        let coupled = |k: usize| Some(WeightDecayConfig::new(decays[k] as f32));
        let sgd = |k| {
            let config = SgdConfig::new().with_weight_decay(coupled(k));
            config.with_momentum(Some(momentum.clone())).build()
        };
        let adam = |k| {
            let config = AdamConfig::new().with_beta_1(beta_1).with_beta_2(beta_2);
            config
                .with_epsilon(epsilon)
                .with_weight_decay(coupled(k))
                .build()
        };
        let adamw = |k: usize| {
            let config = AdamWConfig::new().with_beta_1(beta_1).with_beta_2(beta_2);
            config
                .with_epsilon(epsilon)
                .with_weight_decay(decays[k] as f32)
                .build()
        };
        let mut answer = Tensors::new();
        for (name, tensor) in tensors {
            if name.starts_with("g:") || !args["alias"][name].is_null() {
                continue;
            }
            let gradients = tensors.get(&format!("g:{name}"));
            let after = match (gradients, args["optimizer"].as_str().unwrap_or_default()) {
                (None, _) => tensor.clone(),
                _ if args["roles"][name] == "frozen" => tensor.clone(),
                (Some(gradients), "sgd") => stepped(sgd, &lr, tensor, gradients)?,
                (Some(gradients), "adam") => stepped(adam, &lr, tensor, gradients)?,
                (Some(gradients), "adamw") => stepped(adamw, &lr, tensor, gradients)?,
                (_, other) => return Err(Error::Unsupported(format!("no {other}"))),
            };
            answer.insert(name.clone(), after);
        }
        Ok(answer)
    }

    fn network(&mut self, args: &Value, tensors: &Tensors) -> Answer {
        let device = Device::flex().autodiff();
        let keep_probs = args["keep_probs"].as_array().into_iter().flatten();
        let keep_probs = keep_probs.map(number).collect::<Result<Vec<_>, _>>()?;
        // The library's weights are [in, out], where the wire's are [out, in].
        let linear = |l: usize| -> Result<Linear, Error> {
            let weight = to_array::<2>(&tensors[&format!("W{l}")], &device)?.transpose();
            let bias = to_array::<1>(&tensors[&format!("b{l}")], &device)?;
            let bias = Some(Param::from_tensor(bias));
            Ok(Linear {
                weight: Param::from_tensor(weight),
                bias,
            })
        };
        let layers = (1..=keep_probs.len() + 1)
            .map(linear)
            .collect::<Result<Vec<_>, _>>()?;
        let mut a = to_array::<2>(&tensors["x"], &device)?;
        for (layer, &keep_prob) in layers.iter().zip(&keep_probs) {
            let z = layer.forward(a);
            let h = match args["activation"].as_str().unwrap_or_default() {
                "relu" => activation::relu(z),
                "tanh" => activation::tanh(z),
                "sigmoid" => activation::sigmoid(z),
                _ => z,
            };
            let dropout = dropout_with(keep_prob)?;
            let dropout = if args["training"] == true {
                dropout
            } else {
                dropout.valid()
            };
            a = dropout.forward(h);
        }
        let y = layers[keep_probs.len()].forward(a);
        let t = to_array::<2>(&tensors["t"], &device)?;
        let [batch, _] = y.dims();
        // The wire's mse is half the sum over the outputs; and the library's cross-entropy takes classes, where the
        // wire sends distributions.
        let loss = match args["loss"] == "mse" {
            true => {
                MseLoss::new().forward(y.clone(), t.clone(), Reduction::Sum) / (2 * batch) as f64
            }
            false => (t.clone() * activation::log_softmax(y.clone(), 1)).sum() / -(batch as f64),
        };
        let gradients = loss.backward();
        let value = loss.into_data().iter::<f64>().next().unwrap_or_default();
        let y = to_tensor(y, &tensors["t"])?;
        let mut answer = Tensors::from([("loss".into(), Tensor::scalar(value)), ("y".into(), y)]);
        for (l, Linear { weight, bias }) in (1..).zip(layers) {
            let (w, b) = (format!("W{l}"), format!("b{l}"));
            let dw = weight.val().grad(&gradients).map(Array::transpose);
            let db = bias.and_then(|bias| bias.val().grad(&gradients));
            let (Some(dw), Some(db)) = (dw, db) else {
                return Err(Error::Internal(format!("no gradient of layer {l}")));
            };
            answer.insert(format!("d:{w}"), to_tensor(dw, &tensors[&w])?);
            answer.insert(format!("d:{b}"), to_tensor(db, &tensors[&b])?);
        }
        Ok(answer)
    }
}

/// A parameter after a step for each of its gradients.
fn stepped<O: Optimizer>(
    optimizer: impl Fn(usize) -> O,
    lr: &[f64],
    parameter: &Tensor,
    gradients: &Tensor,
) -> Result<Tensor, Error> {
    let device = Device::flex();
    let flat = |tensor: &Tensor| Tensor {
        shape: vec![tensor.data.len() / 4],
        ..tensor.clone()
    };
    let mut w = to_array::<1>(&flat(parameter), &device)?;
    let (size, all) = (w.dims()[0], to_array::<1>(&flat(gradients), &device)?);
    let mut state = None;
    for (k, &lr) in lr.iter().enumerate() {
        let gradient = all.clone().slice(k * size..(k + 1) * size);
        (w, state) = optimizer(k).step(lr, w, gradient, state);
    }
    to_tensor(w, parameter)
}

fn main() -> Result<(), Error> {
    serve(Burn::default())
}
