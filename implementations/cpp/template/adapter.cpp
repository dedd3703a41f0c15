// Inverted dropout by hand, as an adapter to start from: put what you want to have judged in place of `forward` and
// `backward`, build it, and judge it with
//
//     keepprob check -- .build/adapter

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "keepprob_adapter.hpp"

using keepprob::Json;
using keepprob::Tensor;
using keepprob::Tensors;

// A layer remembers its keep_prob, and continues its stream of random numbers from call to call.
struct Layer {
  double keep_prob;
  std::mt19937_64 random;
};

Tensor draw(Layer& layer, const Tensor& x) {
  Tensor mask("uint8", x.shape);
  std::bernoulli_distribution kept(layer.keep_prob);
  for (auto& d : mask.values<std::uint8_t>()) d = kept(layer.random);
  return mask;
}

template <class T>
Tensor forward(const Tensor& x, const Tensor& mask, double keep_prob) {
  Tensor y(x.dtype, x.shape);
  const auto in = x.values<T>();
  const auto d = mask.values<std::uint8_t>();
  const auto out = y.values<T>();
  for (std::size_t i = 0; i < out.size(); i++) out[i] = d[i] ? in[i] / keep_prob : 0;
  return y;
}

template <class T>
Tensor backward(const Tensor& dy, const Tensor& mask, double keep_prob) {
  return forward<T>(dy, mask, keep_prob);  // y is linear in x: its derivative is the same product.
}

std::shared_ptr<Layer> make_layer(const Json& args) {
  const double keep_prob = args.at("keep_prob");
  if (!(0 < keep_prob && keep_prob <= 1)) {
    throw std::invalid_argument("keep_prob must be in (0, 1], got " + std::to_string(keep_prob));
  }
  std::random_device device;
  std::seed_seq entropy{device(), device(), device(), device()};
  auto random =
      args.contains("seed") ? std::mt19937_64(args.at("seed").get<std::uint64_t>()) : std::mt19937_64(entropy);
  return std::make_shared<Layer>(keep_prob, random);
}

std::shared_ptr<Layer> layer_for(const Json& args) {
  static std::map<std::string, std::shared_ptr<Layer>> layers;
  if (!args.contains("layer")) return make_layer(args);
  auto& layer = layers[args.at("layer")];
  if (!layer) layer = make_layer(args);
  return layer;
}

// y and the mask, and dx where dy came; in evaluation nothing is dropped, and there is no mask.
template <class T>
Tensors dropout_of(const Json& args, const Tensors& tensors) {
  const auto layer = layer_for(args);
  const Tensor& x = tensors.at("x");
  const bool backwards = tensors.contains("dy");
  Tensors answer;
  if (args.at("training")) {
    Tensor mask = draw(*layer, x);
    answer.emplace("y", forward<T>(x, mask, layer->keep_prob));
    if (backwards) answer.emplace("dx", backward<T>(tensors.at("dy"), mask, layer->keep_prob));
    answer.emplace("mask", std::move(mask));
  } else {
    answer.emplace("y", x);
    if (backwards) answer.emplace("dx", tensors.at("dy"));
  }
  return answer;
}

Tensors dropout(const Json& args, const Tensors& tensors) {
  return tensors.at("x").dtype == "float64" ? dropout_of<double>(args, tensors) : dropout_of<float>(args, tensors);
}

int main() {
  return keepprob::serve({
      .name = "my-dropout",
      .version = "0.1.0",
      .capabilities = {{"dropout",
                        {{"dtypes", {"float64", "float32"}},
                         {"gradient", true},
                         {"mask", true},
                         {"seed", "advances"},
                         {"layer", true},
                         {"repeat", true},
                         {"keep_prob_zero", "error"}}}},
      .operations = {{"dropout", dropout}},
  });
}
