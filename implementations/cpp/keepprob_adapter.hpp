// The wire protocol for implementations in C++: write the operations as functions and hand them to `keepprob::serve`.
//
// An operation takes the request's args and its tensors by name, and answers tensors by name. To refuse a request that
// is meaningless it throws std::invalid_argument, to say that something is not implemented keepprob::Unsupported; any
// other exception counts as a failure. `repeat` never reaches it: `serve` makes the successive calls. Needs C++20,
// POSIX and nlohmann/json.
#pragma once

#include <unistd.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace keepprob {

static_assert(std::endian::native == std::endian::little, "tensors travel little-endian");

using Json = nlohmann::json;

struct Unsupported : std::logic_error {
  using std::logic_error::logic_error;
};

template <class T>
inline const char* const dtype_of = nullptr;
template <>
inline const char* const dtype_of<double> = "float64";
template <>
inline const char* const dtype_of<float> = "float32";
template <>
inline const char* const dtype_of<std::uint8_t> = "uint8";

inline std::size_t size_of(const std::vector<std::int64_t>& shape) {
  std::size_t size = 1;
  for (std::int64_t length : shape) size *= static_cast<std::size_t>(length);
  return size;
}

/// A tensor as it travels: its elements lie row by row in `bytes`.
struct Tensor {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;

  /// Zeros.
  Tensor(std::string dtype, std::vector<std::int64_t> shape) : dtype(std::move(dtype)), shape(std::move(shape)) {
    static const std::map<std::string, std::size_t> widths{
        {"float64", 8}, {"float32", 4}, {"float16", 2}, {"bfloat16", 2}, {"uint8", 1}};
    bytes.resize(size_of(this->shape) * widths.at(this->dtype));
  }

  static Tensor scalar(double value) {
    Tensor tensor("float64", {});
    tensor.values<double>()[0] = value;
    return tensor;
  }

  /// Its elements as double, float or std::uint8_t, whichever its dtype is.
  template <class T>
  std::span<const T> values() const {
    if (dtype != dtype_of<T>) throw std::logic_error("a tensor is " + dtype + ", not " + dtype_of<T>);
    return {reinterpret_cast<const T*>(bytes.data()), size_of(shape)};
  }

  /// The same, to write to.
  template <class T>
  std::span<T> values() {
    const std::span<const T> read = std::as_const(*this).template values<T>();
    return {const_cast<T*>(read.data()), read.size()};
  }
};

using Tensors = std::map<std::string, Tensor>;
using Operation = std::function<Tensors(const Json& args, Tensors& tensors)>;

struct Implementation {
  std::string name;
  std::string version;
  std::string homepage = {};
  Json capabilities;
  /// Any of dropout, penalty, step and network.
  std::map<std::string, Operation> operations;
};

/// The tensors that a header lists, out of the bytes that follow it.
inline Tensors read_tensors(const Json& listed, std::istream& requests) {
  Tensors tensors;
  for (const Json& entry : listed) {
    Tensor tensor(entry.at("dtype"), entry.at("shape"));
    requests.read(reinterpret_cast<char*>(tensor.bytes.data()), static_cast<std::streamsize>(tensor.bytes.size()));
    tensors.emplace(entry.at("name"), std::move(tensor));
  }
  return tensors;
}

/// JSON has no words for numbers that are not finite: they come as strings.
inline Json with_numbers(Json value) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  static const std::map<Json, double> numbers{
      {"NaN", std::numeric_limits<double>::quiet_NaN()}, {"Infinity", infinity}, {"-Infinity", -infinity}};
  if (value.is_structured()) {
    for (Json& entry : value) entry = with_numbers(std::move(entry));
  } else if (auto found = numbers.find(value); found != numbers.end()) {
    value = found->second;
  }
  return value;
}

/// What the operation answers; to `repeat`, what successive calls answer, stacked along a leading axis.
inline Tensors ask(const Operation& operation, Json args, Tensors& tensors) {
  if (!args.contains("repeat")) return operation(args, tensors);
  const std::int64_t repeat = args.at("repeat");
  args.erase("repeat");
  if (args.contains("seed") && !args.contains("layer")) {
    // Seeded once, before the first of the calls: a layer of their own.
    static int number = 0;
    args["layer"] = "repeated " + std::to_string(number++);
  }
  Tensors stacked;
  for (std::int64_t call = 0; call < repeat; call++) {
    for (auto& [name, one] : operation(args, tensors)) {
      Tensor& all = stacked.try_emplace(name, one.dtype, std::vector<std::int64_t>{}).first->second;
      if (call == 0) {
        all.shape = one.shape;
        all.shape.insert(all.shape.begin(), repeat);
        all.bytes.clear();
        all.bytes.reserve(one.bytes.size() * static_cast<std::size_t>(repeat));
      }
      all.bytes.insert(all.bytes.end(), one.bytes.begin(), one.bytes.end());
    }
  }
  return stacked;
}

/// A stream of our own to stdout; what anything else prints, in C++ or in C, goes to stderr from now on.
inline std::FILE* take_stdout() {
  std::FILE* answers = fdopen(dup(STDOUT_FILENO), "wb");
  dup2(STDERR_FILENO, STDOUT_FILENO);
  return answers;
}

inline const char* code_of(const std::exception& error) {
  if (dynamic_cast<const std::invalid_argument*>(&error)) return "invalid_argument";
  if (dynamic_cast<const Unsupported*>(&error)) return "unsupported";
  return "internal";
}

/// Answers requests until stdin ends. Returns the exit code.
inline int serve(const Implementation& implementation) {
  std::ios::sync_with_stdio(false);
  std::FILE* answers = take_stdout();
  for (std::string line; std::getline(std::cin, line);) {
    const Json request = Json::parse(line);
    const std::string op = request.at("op");
    Tensors tensors = read_tensors(request.value("tensors", Json::array()), std::cin);
    Json header{{"id", request.at("id")}, {"ok", true}};
    try {
      if (op == "hello") {
        header["result"] = {{"protocol", 1},
                            {"name", implementation.name},
                            {"version", implementation.version},
                            {"language", "cpp"},
                            {"capabilities", implementation.capabilities}};
        if (!implementation.homepage.empty()) header["result"]["homepage"] = implementation.homepage;
      } else if (op != "echo") {
        const auto operation = implementation.operations.find(op);
        if (operation == implementation.operations.end()) throw Unsupported("no operation " + op);
        tensors = ask(operation->second, with_numbers(request.at("args")), tensors);
      }
    } catch (const std::exception& error) {
      // Whatever an operation throws is its answer, and the next request is served.
      header["ok"] = false;
      header["error"] = {{"code", code_of(error)}, {"message", error.what()}};
      tensors.clear();
    }
    std::size_t bytes = 0;
    header["tensors"] = Json::array();
    for (const auto& [name, tensor] : tensors) {
      header["tensors"].push_back({{"name", name}, {"dtype", tensor.dtype}, {"shape", tensor.shape}});
      bytes += tensor.bytes.size();
    }
    header["bytes"] = bytes;
    const std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    std::fwrite(text.data(), 1, text.size(), answers);
    for (const auto& [name, tensor] : tensors) std::fwrite(tensor.bytes.data(), 1, tensor.bytes.size(), answers);
    std::fflush(answers);
  }
  return 0;
}

}  // namespace keepprob
