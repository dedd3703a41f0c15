//! candle on its CPU backend. The adapter translates and never repairs: the wire's keep_prob becomes the library's
//! drop_p, an f32, and what the library then does is what is judged.

#[path = "../rust/keepprob_adapter.rs"]
mod keepprob_adapter;

use std::collections::HashMap;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Module, Tensor as Array, Var};
use candle_nn::{AdamW, Dropout, Linear, Optimizer, ParamsAdamW, loss, ops};
use keepprob_adapter::{Answer, Error, Implementation, Tensor, Tensors, number, schedule, serve};
use serde_json::{Value, json};

const DTYPES: [(&str, DType); 4] = [
    ("float64", DType::F64),
    ("float32", DType::F32),
    ("float16", DType::F16),
    ("bfloat16", DType::BF16),
];

fn to_array(tensor: &Tensor) -> Result<Array, Error> {
    let known = DTYPES.iter().find(|(name, _)| *name == tensor.dtype);
    let (_, dtype) = known.ok_or_else(|| Error::Unsupported(format!("no {}", tensor.dtype)))?;
    let array = Array::from_raw_buffer(&tensor.data, *dtype, &tensor.shape, &Device::Cpu)?;
    Ok(array)
}

fn to_var(tensor: &Tensor) -> Result<Var, Error> {
    Ok(Var::from_tensor(&to_array(tensor)?)?)
}

/// The variables of a model, by name.
fn to_vars<'a>(
    tensors: &'a Tensors,
    wanted: impl Fn(&str) -> bool,
) -> Result<HashMap<&'a str, Var>, Error> {
    let parameters = tensors.iter().filter(|(name, _)| wanted(name));
    parameters
        .map(|(name, tensor)| Ok((name.as_str(), to_var(tensor)?)))
        .collect()
}

fn to_tensor(array: &Array) -> Result<Tensor, Error> {
    let known = DTYPES.iter().find(|(_, dtype)| *dtype == array.dtype());
    let (name, _) = known.ok_or_else(|| Error::Internal(format!("got {:?}", array.dtype())))?;
    let mut data = Vec::new();
    array.write_bytes(&mut data)?;
    let shape = array.dims().into();
    Ok(Tensor {
        dtype: name.to_string(),
        shape,
        data,
    })
}

fn gradient_of(var: &Var, gradients: &GradStore) -> Result<Tensor, Error> {
    let gradient = gradients.get(var);
    to_tensor(gradient.ok_or_else(|| Error::Internal("no gradient".into()))?)
}

/// The library's own rejection of a probability is a refusal; whatever else it answers is a failure.
fn as_refusal(error: candle_core::Error) -> Error {
    let message = error.to_string();
    match message.starts_with("dropout probability has to be") {
        true => Error::InvalidArgument(message),
        false => Error::Internal(message),
    }
}

fn dropout_with(keep_prob: f64) -> Dropout {
    Dropout::new((1.0 - keep_prob) as f32)
}

#[derive(Default)]
struct Candle {
    layers: HashMap<String, Dropout>,
}

impl Implementation for Candle {
    fn about(&self) -> Value {
        json!({
            "name": "candle",
            "version": "0.11.1",
            "homepage": "https://github.com/huggingface/candle",
            "capabilities": {
                "dropout": {
                    "dtypes": ["float64", "float32", "float16", "bfloat16"],
                    "gradient": true,
                    "layer": true,
                    "repeat": true,
                    "keep_prob_zero": "error",
                },
                "step": {
                    "dtypes": ["float64", "float32"],
                    "optimizers": {
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
        let made = dropout_with(number(&args["keep_prob"])?);
        let layer = match args["layer"].as_str() {
            Some(name) => self.layers.entry(name.into()).or_insert(made),
            None => &made,
        };
        let x = to_var(&tensors["x"])?;
        let y = layer
            .forward(&x, args["training"] == true)
            .map_err(as_refusal)?;
        let mut answer = Tensors::from([("y".into(), to_tensor(&y)?)]);
        if let Some(dy) = tensors.get("dy") {
            let gradients = (y * to_array(dy)?)?.sum_all()?.backward()?;
            answer.insert("dx".into(), gradient_of(&x, &gradients)?);
        }
        Ok(answer)
    }

    /// The optimizer moves the variables that it is given: what is frozen is not among them.
    fn step(&mut self, args: &Value, tensors: &Tensors) -> Answer {
        if args["optimizer"] != "adamw" {
            return Err(Error::Unsupported(format!(
                "no decay in {}",
                args["optimizer"]
            )));
        }
        let steps = args["steps"].as_u64().unwrap_or_default() as usize;
        let lr = schedule(&args["lr"], steps)?;
        let weight_decay = schedule(&args["weight_decay"], steps)?;
        let is_parameter = |name: &str| !name.starts_with("g:") && args["alias"][name].is_null();
        let parameters = to_vars(tensors, is_parameter)?;
        let mut moving = parameters.clone();
        moving.retain(|&name, _| args["roles"][name] != "frozen");
        let mut params = ParamsAdamW {
            beta1: number(&args["beta1"]).unwrap_or(0.9),
            beta2: number(&args["beta2"]).unwrap_or(0.999),
            eps: number(&args["eps"]).unwrap_or(1e-8),
            ..Default::default()
        };
        let mut optimizer = AdamW::new(moving.values().cloned().collect(), params.clone())?;
        for k in 0..steps {
            let mut gradients = GradStore::default();
            for (name, var) in &moving {
                if let Some(gradient) = tensors.get(&format!("g:{name}")) {
                    gradients.insert(var, to_array(gradient)?.get(k)?);
                }
            }
            params.lr = lr[k];
            params.weight_decay = weight_decay[k];
            optimizer.set_params(params.clone());
            optimizer.step(&gradients)?;
        }
        let answered = parameters.iter();
        answered
            .map(|(name, var)| Ok((name.to_string(), to_tensor(var)?)))
            .collect()
    }

    fn network(&mut self, args: &Value, tensors: &Tensors) -> Answer {
        let training = args["training"] == true;
        let keep_probs = args["keep_probs"].as_array().into_iter().flatten();
        let keep_probs = keep_probs.map(number).collect::<Result<Vec<_>, _>>()?;
        let parameters = to_vars(tensors, |name| name.starts_with(['W', 'b']))?;
        let linear = |l: usize| {
            let weight = &parameters[format!("W{l}").as_str()];
            let bias = &parameters[format!("b{l}").as_str()];
            Linear::new(weight.as_tensor().clone(), Some(bias.as_tensor().clone()))
        };
        let mut a = to_array(&tensors["x"])?;
        for (l, &keep_prob) in (1..).zip(&keep_probs) {
            let z = linear(l).forward(&a)?;
            let h = match args["activation"].as_str().unwrap_or_default() {
                "relu" => z.relu()?,
                "tanh" => z.tanh()?,
                "sigmoid" => ops::sigmoid(&z)?,
                _ => z,
            };
            a = dropout_with(keep_prob)
                .forward(&h, training)
                .map_err(as_refusal)?;
        }
        let y = linear(keep_probs.len() + 1).forward(&a)?;
        let t = to_array(&tensors["t"])?;
        let (batch, outputs) = y.dims2()?;
        // The wire's mse is half the sum over the outputs, where candle takes their mean; and candle's cross-entropy
        // takes classes, where the wire sends distributions.
        let loss = match args["loss"] == "mse" {
            true => (loss::mse(&y, &t)? * (outputs as f64 / 2.0))?,
            false => ((t * ops::log_softmax(&y, 1)?)?.sum_all()? * (-1.0 / batch as f64))?,
        };
        let gradients = loss.backward()?;
        let value = loss.to_dtype(DType::F64)?.to_scalar()?;
        let mut answer = Tensors::from([
            ("loss".into(), Tensor::scalar(value)),
            ("y".into(), to_tensor(&y)?),
        ]);
        for (name, var) in &parameters {
            answer.insert(format!("d:{name}"), gradient_of(var, &gradients)?);
        }
        Ok(answer)
    }
}

fn main() -> Result<(), Error> {
    serve(Candle::default())
}
