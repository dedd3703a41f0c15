//! The wire protocol for implementations in Rust: write the operations as an `Implementation` and hand it to `serve`.
//!
//! An operation takes the request's args and its tensors by name, and answers tensors by name. To refuse a request that
//! is meaningless it answers `Error::InvalidArgument`, to say that something is not implemented `Error::Unsupported`;
//! any other error, and a panic, counts as a failure. `repeat` never reaches it: `serve` makes the successive calls.
//! Needs serde_json, with the feature float_roundtrip, and rustix, with the feature stdio.
#![allow(dead_code)] // No adapter needs all of it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufWriter, Read, Write};
use std::os::fd::AsFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

/// What can be asked. What is left out is answered as unsupported.
pub trait Implementation {
    /// `name`, `version` and `capabilities`; `homepage`, if there is one.
    fn about(&self) -> Value;

    fn dropout(&mut self, _args: &Value, _tensors: &Tensors) -> Answer {
        Err(Error::Unsupported("no operation dropout".into()))
    }

    fn penalty(&mut self, _args: &Value, _tensors: &Tensors) -> Answer {
        Err(Error::Unsupported("no operation penalty".into()))
    }

    fn step(&mut self, _args: &Value, _tensors: &Tensors) -> Answer {
        Err(Error::Unsupported("no operation step".into()))
    }

    fn network(&mut self, _args: &Value, _tensors: &Tensors) -> Answer {
        Err(Error::Unsupported("no operation network".into()))
    }
}

pub type Tensors = BTreeMap<String, Tensor>;
pub type Answer = Result<Tensors, Error>;

#[derive(Debug)]
pub enum Error {
    InvalidArgument(String),
    Unsupported(String),
    Internal(String),
}

/// So that `?` passes on any error of a library, as a failure.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        Error::Internal(error.to_string())
    }
}

/// A tensor as it travels: row-major, little-endian.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub dtype: String,
    pub shape: Vec<usize>,
    pub data: Vec<u8>,
}

impl Tensor {
    /// A value or a loss.
    pub fn scalar(value: f64) -> Self {
        Tensor {
            dtype: "float64".into(),
            shape: vec![],
            data: value.to_le_bytes().into(),
        }
    }

    /// A mask of this tensor's shape: true is kept.
    pub fn mask(&self, kept: &[bool]) -> Self {
        let data = kept.iter().map(|&kept| kept.into()).collect();
        Tensor {
            dtype: "uint8".into(),
            shape: self.shape.clone(),
            data,
        }
    }

    /// The elements of a float64 or a float32.
    pub fn values(&self) -> Result<Vec<f64>, Error> {
        match self.dtype.as_str() {
            "float64" => {
                let (chunks, _) = self.data.as_chunks();
                Ok(chunks
                    .iter()
                    .map(|&bytes| f64::from_le_bytes(bytes))
                    .collect())
            }
            "float32" => {
                let (chunks, _) = self.data.as_chunks();
                Ok(chunks
                    .iter()
                    .map(|&bytes| f32::from_le_bytes(bytes).into())
                    .collect())
            }
            other => Err(Error::Unsupported(format!("no values of {other}"))),
        }
    }

    /// A tensor of this one's shape and dtype, which is float64 or float32, with other elements.
    pub fn with(&self, values: &[f64]) -> Self {
        let data = match self.dtype.as_str() {
            "float64" => values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
            _ => values
                .iter()
                .flat_map(|&value| (value as f32).to_le_bytes())
                .collect(),
        };
        Tensor {
            dtype: self.dtype.clone(),
            shape: self.shape.clone(),
            data,
        }
    }
}

/// A number among the args. JSON has no words for those that are not finite: they come as strings.
pub fn number(value: &Value) -> Result<f64, Error> {
    let number = value
        .as_str()
        .map_or(value.as_f64(), |text| text.parse().ok());
    number.ok_or_else(|| Error::InvalidArgument(format!("{value} is no number")))
}

/// A number for each step, where the args hold one for all or an array.
pub fn schedule(value: &Value, steps: usize) -> Result<Vec<f64>, Error> {
    match value.as_array() {
        Some(entries) if entries.len() == steps => entries.iter().map(number).collect(),
        Some(entries) => Err(Error::InvalidArgument(format!(
            "{} entries for {steps} steps",
            entries.len()
        ))),
        None => Ok(vec![number(value)?; steps]),
    }
}

/// Answers requests until stdin ends.
pub fn serve(mut implementation: impl Implementation) -> Result<(), Error> {
    let mut requests = io::stdin().lock();
    let mut answers = BufWriter::new(take_stdout()?);
    let mut line = String::new();
    while requests.read_line(&mut line)? > 0 {
        let request: Value = serde_json::from_str(&line)?;
        let mut body = vec![0; request["bytes"].as_u64().unwrap_or(0) as usize];
        requests.read_exact(&mut body)?;
        // Whatever an operation ends with is its answer, and the next request is served.
        let answer = catch_unwind(AssertUnwindSafe(|| {
            respond(&mut implementation, &request, &body)
        }))
        .unwrap_or_else(|panic| Err(Error::Internal(message_of(panic))));
        let (mut header, tensors) = match answer {
            Ok((result, tensors)) => (accepted(result, &tensors), tensors),
            Err(error) => (refused(error), Tensors::new()),
        };
        header["id"] = request["id"].clone();
        writeln!(answers, "{header}")?;
        for tensor in tensors.values() {
            answers.write_all(&tensor.data)?;
        }
        answers.flush()?;
        line.clear();
    }
    Ok(())
}

/// The result and the tensors.
fn respond(
    implementation: &mut impl Implementation,
    request: &Value,
    body: &[u8],
) -> Result<(Value, Tensors), Error> {
    let tensors = read_tensors(&request["tensors"], body);
    let answer = match request["op"].as_str().unwrap_or_default() {
        "hello" => {
            let mut about = implementation.about();
            about["protocol"] = json!(1);
            about["language"] = json!("rust");
            return Ok((about, Tensors::new()));
        }
        "echo" => Ok(tensors),
        "dropout" => ask(request, &tensors, |args, tensors| {
            implementation.dropout(args, tensors)
        }),
        "penalty" => implementation.penalty(&request["args"], &tensors),
        "step" => implementation.step(&request["args"], &tensors),
        "network" => implementation.network(&request["args"], &tensors),
        other => Err(Error::Unsupported(format!("no operation {other}"))),
    };
    Ok((json!({}), answer?))
}

/// What the operation answers; to `repeat`, what successive calls answer, stacked along a leading axis.
fn ask(
    request: &Value,
    tensors: &Tensors,
    mut operation: impl FnMut(&Value, &Tensors) -> Answer,
) -> Answer {
    let mut args = request["args"].clone();
    let Some(repeat) = args["repeat"].as_u64() else {
        return operation(&args, tensors);
    };
    if !args["seed"].is_null() && args["layer"].is_null() {
        // Seeded once, before the first of the calls: a layer of their own.
        args["layer"] = json!(format!("repeated {}", request["id"]));
    }
    let mut stacked = Tensors::new();
    for _ in 0..repeat {
        for (
            name,
            Tensor {
                dtype,
                mut shape,
                data,
            },
        ) in operation(&args, tensors)?
        {
            let column = stacked.entry(name).or_insert_with(|| {
                shape.insert(0, repeat as usize);
                Tensor {
                    dtype,
                    shape,
                    data: Vec::with_capacity(repeat as usize * data.len()),
                }
            });
            column.data.extend_from_slice(&data);
        }
    }
    Ok(stacked)
}

/// The tensors that a header lists.
fn read_tensors(listed: &Value, mut body: &[u8]) -> Tensors {
    let read = |entry: &Value| {
        let dtype = entry["dtype"].as_str().unwrap_or_default();
        let size = match dtype {
            "float64" => 8,
            "float32" => 4,
            "float16" | "bfloat16" => 2,
            _ => 1,
        };
        let lengths = entry["shape"].as_array().into_iter().flatten();
        let shape: Vec<usize> = lengths
            .map(|length| length.as_u64().unwrap_or(0) as usize)
            .collect();
        let (data, rest) = body.split_at(size * shape.iter().product::<usize>());
        body = rest;
        let name = entry["name"].as_str().unwrap_or_default();
        (
            name.into(),
            Tensor {
                dtype: dtype.into(),
                shape,
                data: data.into(),
            },
        )
    };
    listed.as_array().into_iter().flatten().map(read).collect()
}

fn accepted(result: Value, tensors: &Tensors) -> Value {
    let described = |(name, tensor): (&String, &Tensor)| json!({ "name": name, "dtype": tensor.dtype, "shape": tensor.shape });
    let bytes: usize = tensors.values().map(|tensor| tensor.data.len()).sum();
    let listed: Vec<Value> = tensors.iter().map(described).collect();
    json!({ "ok": true, "result": result, "tensors": listed, "bytes": bytes })
}

fn refused(error: Error) -> Value {
    let (code, message) = match error {
        Error::InvalidArgument(message) => ("invalid_argument", message),
        Error::Unsupported(message) => ("unsupported", message),
        Error::Internal(message) => ("internal", message),
    };
    json!({ "ok": false, "error": { "code": code, "message": message } })
}

/// What a panic said.
pub fn message_of(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic
            .downcast_ref::<&str>()
            .unwrap_or(&"panicked")
            .to_string(),
    }
}

/// A stream of our own to stdout; what anything else prints goes to stderr from now on.
fn take_stdout() -> io::Result<File> {
    let answers = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(answers.into())
}
