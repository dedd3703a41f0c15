// tiny-dnn. The adapter translates and never repairs: the wire's keep_prob becomes the library's dropout_rate, and what
// the library then does is what is judged.
#include <tiny_dnn/tiny_dnn.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "keepprob_adapter.hpp"

using keepprob::Json;
using keepprob::Tensor;
using keepprob::Tensors;
using tiny_dnn::net_phase;
using tiny_dnn::vec_t;

vec_t vector_of(const Tensor& tensor) {
  const auto values = tensor.values<float>();
  return vec_t(values.begin(), values.end());
}

Tensor tensor_of(const vec_t& vector, const Tensor& like) {
  Tensor tensor(like.dtype, like.shape);
  std::copy(vector.begin(), vector.end(), tensor.values<float>().begin());
  return tensor;
}

// All layers draw from the one generator of the process. A layer that has a seed keeps the state that the generator has
// from it, and puts it in place for its own calls.
struct Layer {
  tiny_dnn::dropout_layer layer;
  std::optional<std::mt19937> random;

  Layer(const Json& args, const Tensor& x)
      : layer(static_cast<tiny_dnn::serial_size_t>(keepprob::size_of(x.shape)), 1 - args.at("keep_prob").get<float>()) {
    if (args.contains("seed")) random.emplace(args.at("seed").get<unsigned int>());
  }

  void exchange_generator() {
    if (random) std::swap(*random, tiny_dnn::random_generator::get_instance()());
  }
};

std::shared_ptr<Layer> layer_for(const Json& args, const Tensor& x) {
  static std::map<std::string, std::shared_ptr<Layer>> layers;
  if (!args.contains("layer")) return std::make_shared<Layer>(args, x);
  auto& layer = layers[args.at("layer")];
  if (!layer) layer = std::make_shared<Layer>(args, x);
  return layer;
}

// A call is a batch of one example, as large as x. Its mask is read from the layer.
Tensors dropout(const Json& args, const Tensors& tensors) {
  const Tensor& x = tensors.at("x");
  const auto own = layer_for(args, x);
  tiny_dnn::dropout_layer& layer = own->layer;
  const bool training = args.at("training");
  layer.set_context(training ? net_phase::train : net_phase::test);
  own->exchange_generator();
  Tensors answer{{"y", tensor_of(layer.forward({{vector_of(x)}})[0][0], x)}};
  own->exchange_generator();
  if (training) {
    Tensor mask("uint8", x.shape);
    std::ranges::copy(layer.get_mask(0), mask.values<std::uint8_t>().begin());
    answer.emplace("mask", std::move(mask));
  }
  if (tensors.contains("dy")) {
    answer.emplace("dx", tensor_of(layer.backward({{vector_of(tensors.at("dy"))}})[0][0], x));
  }
  return answer;
}

// A layer that is not trainable is not handed to the optimizer; all else is, biases too.
Tensors step(const Json& args, const Tensors& tensors) {
  if (args.at("optimizer") != "sgd") throw keepprob::Unsupported("only SGD has a weight decay");
  const Json aliases = args.value("alias", Json::object());
  const auto at = [&](const char* name, std::size_t k) -> float {
    return args.at(name).is_array() ? args.at(name).at(k) : args.at(name);
  };
  tiny_dnn::momentum optimizer;
  optimizer.mu = args.value("momentum", 0.0F);
  std::map<std::string, vec_t> weights;
  for (const auto& [name, w] : tensors) {
    if (name.starts_with("g:") || aliases.contains(name)) continue;
    weights[name] = vector_of(w);
  }
  const std::size_t steps = args.at("steps");
  for (std::size_t k = 0; k < steps; k++) {
    optimizer.alpha = at("lr", k);
    optimizer.lambda = at("weight_decay", k);
    for (auto& [name, w] : weights) {
      if (args.at("roles").at(name) == "frozen" || !tensors.contains("g:" + name)) continue;
      const auto g = tensors.at("g:" + name).values<float>().subspan(k * w.size(), w.size());
      optimizer.update(vec_t(g.begin(), g.end()), w, false);
    }
  }
  Tensors answer;
  for (const auto& [name, w] : weights) answer.emplace(name, tensor_of(w, tensors.at(name)));
  return answer;
}

int main() {
  // Until it is told otherwise, the library draws the same numbers in every process.
  tiny_dnn::set_random_seed(std::random_device{}());
  return keepprob::serve({
      .name = "tiny-dnn",
      .version = "1.0.0a3",
      .homepage = "https://github.com/tiny-dnn/tiny-dnn",
      .capabilities = {{"dropout",
                        {{"dtypes", {"float32"}},
                         {"gradient", true},
                         {"mask", true},
                         {"seed", "advances"},
                         {"layer", true},
                         {"repeat", true},
                         {"keep_prob_zero", "zeros"}}},
                       {"step",
                        {{"dtypes", {"float32"}}, {"optimizers", {{"sgd", {{"decay", "coupled"}, {"bias", true}}}}}}}},
      .operations = {{"dropout", dropout}, {"step", step}},
  });
}
