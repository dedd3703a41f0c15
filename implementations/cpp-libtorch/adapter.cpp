// libtorch, PyTorch's C++ library. The adapter translates and never repairs: the wire's keep_prob becomes the library's
// probability of dropping, and what the library then does is what is judged.
#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "keepprob_adapter.hpp"

namespace F = torch::nn::functional;
using keepprob::Json;
using keepprob::Tensor;
using keepprob::Tensors;

// The wire's tensor as the library's, on the very same memory.
torch::Tensor torch_of(Tensor& tensor) {
  static const std::map<std::string, torch::Dtype> dtypes{{"float64", torch::kFloat64}, {"float32", torch::kFloat32}};
  return torch::from_blob(tensor.bytes.data(), tensor.shape, dtypes.at(tensor.dtype));
}

Tensor tensor_of(const torch::Tensor& tensor) {
  const torch::Tensor rows = tensor.detach().contiguous();
  Tensor answer(rows.dtype() == torch::kFloat64 ? "float64" : "float32", rows.sizes().vec());
  if (rows.numel() > 0) std::memcpy(answer.bytes.data(), rows.data_ptr(), answer.bytes.size());
  return answer;
}

// The library has one kind of exception. What it throws when it is handed a probability, or the options of an
// optimizer, rejects them.
template <class Call>
auto rejecting(Call call) {
  try {
    return call();
  } catch (const c10::Error& error) {
    throw std::invalid_argument(error.what_without_backtrace());
  }
}

// All layers draw from the one generator of the process. What has a seed keeps the state that the generator has from
// it, and puts it in place for its own calls, as torch.random.fork_rng does in Python.
struct Stream {
  torch::Tensor state;

  explicit Stream(const Json& args) {
    if (args.contains("seed")) state = at::detail::createCPUGenerator(args.at("seed").get<std::uint64_t>()).get_state();
  }

  void exchange() {
    if (!state.defined()) return;
    at::Generator generator = at::detail::getDefaultCPUGenerator();
    const torch::Tensor before = generator.get_state();
    generator.set_state(state);
    state = before;
  }
};

struct Layer {
  torch::nn::Dropout module;
  Stream stream;
};

std::shared_ptr<Layer> layer_for(const Json& args) {
  static std::map<std::string, std::shared_ptr<Layer>> layers;
  const auto make = [&] {
    const torch::nn::DropoutOptions options(1 - args.at("keep_prob").get<double>());
    return rejecting([&] { return std::make_shared<Layer>(torch::nn::Dropout(options), Stream(args)); });
  };
  if (!args.contains("layer")) return make();
  auto& layer = layers[args.at("layer")];
  if (!layer) layer = make();
  return layer;
}

Tensors dropout(const Json& args, Tensors& tensors) {
  const bool backward = tensors.contains("dy");
  const auto layer = layer_for(args);
  torch::Tensor x = torch_of(tensors.at("x")).requires_grad_(backward);
  layer->module->train(args.at("training"));
  layer->stream.exchange();
  const torch::Tensor y = layer->module(x);
  layer->stream.exchange();
  Tensors answer{{"y", tensor_of(y)}};
  if (backward) {
    y.backward(torch_of(tensors.at("dy")));
    answer.emplace("dx", tensor_of(x.grad()));
  }
  return answer;
}

// `args[name]` of the k-th step.
double scheduled(const Json& args, const char* name, std::size_t k) {
  return args.at(name).is_array() ? args.at(name).at(k) : args.at(name);
}

// Optimizers differ in their options; lr and weight_decay are common to all, and follow a schedule.
template <class Optimizer, class Options>
void take_steps(const Json& args, const std::map<std::string, torch::Tensor>& parameters, Tensors& tensors,
                Options options) {
  std::vector<torch::Tensor> list;
  for (const auto& [name, w] : parameters) list.push_back(w);
  options.lr(scheduled(args, "lr", 0)).weight_decay(scheduled(args, "weight_decay", 0));
  auto optimizer = rejecting([&] { return Optimizer(list, options); });
  const std::int64_t steps = args.at("steps");
  for (std::int64_t k = 0; k < steps; k++) {
    for (auto& group : optimizer.param_groups()) {
      static_cast<Options&>(group.options())
          .lr(scheduled(args, "lr", k))
          .weight_decay(scheduled(args, "weight_decay", k));
    }
    for (const auto& [name, w] : parameters) {
      const auto gradients = tensors.find("g:" + name);
      if (w.requires_grad() && gradients != tensors.end()) w.mutable_grad() = torch_of(gradients->second)[k];
    }
    optimizer.step();
  }
}

// What is frozen requires no gradient, and so has none.
Tensors step(const Json& args, Tensors& tensors) {
  const Json aliases = args.value("alias", Json::object());
  std::map<std::string, torch::Tensor> parameters;
  for (auto& [name, tensor] : tensors) {
    if (name.starts_with("g:") || aliases.contains(name)) continue;
    parameters[name] = torch_of(tensor).clone().requires_grad_(args.at("roles").at(name) != "frozen");
  }
  const std::string optimizer = args.at("optimizer");
  const std::tuple<double, double> betas{args.value("beta1", 0.9), args.value("beta2", 0.999)};
  const double eps = args.value("eps", 1e-8);
  if (optimizer == "sgd") {
    const auto options = torch::optim::SGDOptions(0).momentum(args.value("momentum", 0.0));
    take_steps<torch::optim::SGD>(args, parameters, tensors, options);
  } else if (optimizer == "adam") {
    take_steps<torch::optim::Adam>(args, parameters, tensors, torch::optim::AdamOptions(0).betas(betas).eps(eps));
  } else {
    take_steps<torch::optim::AdamW>(args, parameters, tensors, torch::optim::AdamWOptions(0).betas(betas).eps(eps));
  }
  Tensors answer;
  for (const auto& [name, w] : parameters) answer.emplace(name, tensor_of(w));
  return answer;
}

// Dense layers with dropout between them, as a forward() would call them.
Tensors network(const Json& args, Tensors& tensors) {
  static const std::map<std::string, torch::Tensor (*)(const torch::Tensor&)> activations{
      {"relu", torch::relu},
      {"tanh", torch::tanh},
      {"sigmoid", torch::sigmoid},
      {"identity", [](const torch::Tensor& z) { return z; }}};
  const std::vector<double> keep_probs = args.at("keep_probs");
  const auto activation = activations.at(args.at("activation"));
  std::map<std::string, torch::Tensor> parameters;
  const auto dense = [&](const torch::Tensor& a, std::size_t layer) {
    for (const char* kind : {"W", "b"}) {
      const std::string name = kind + std::to_string(layer);
      parameters[name] = torch_of(tensors.at(name)).requires_grad_();
    }
    return F::linear(a, parameters.at("W" + std::to_string(layer)), parameters.at("b" + std::to_string(layer)));
  };
  torch::Tensor a = torch_of(tensors.at("x"));
  for (std::size_t hidden = 0; hidden < keep_probs.size(); hidden++) {
    const auto options = F::DropoutFuncOptions().p(1 - keep_probs[hidden]).training(args.at("training"));
    a = F::dropout(activation(dense(a, hidden + 1)), options);
  }
  const torch::Tensor y = dense(a, keep_probs.size() + 1);
  const torch::Tensor t = torch_of(tensors.at("t"));
  const torch::Tensor loss = args.at("loss") == "mse"
                                 ? F::mse_loss(y, t, F::MSELossFuncOptions(torch::kSum)) / (2 * t.size(0))
                                 : F::cross_entropy(y, t);
  loss.backward();
  Tensors answer{{"loss", Tensor::scalar(loss.item<double>())}, {"y", tensor_of(y)}};
  for (const auto& [name, w] : parameters) answer.emplace("d:" + name, tensor_of(w.grad()));
  return answer;
}

int main() {
  const Json dtypes{"float64", "float32"};
  return keepprob::serve({
      .name = "libtorch",
      .version = TORCH_VERSION,
      .homepage = "https://pytorch.org/cppdocs",
      .capabilities = {{"dropout",
                        {{"dtypes", dtypes},
                         {"gradient", true},
                         {"seed", "advances"},
                         {"layer", true},
                         {"repeat", true},
                         {"keep_prob_zero", "zeros"}}},
                       {"step",
                        {{"dtypes", dtypes},
                         {"optimizers",
                          {{"sgd", {{"decay", "coupled"}, {"bias", true}}},
                           {"adam", {{"decay", "coupled"}, {"bias", true}}},
                           {"adamw",
                            {{"decay", "decoupled"}, {"times_lr", true}, {"order", "before"}, {"bias", true}}}}}}},
                       {"network", {{"dtypes", dtypes}}}},
      .operations = {{"dropout", dropout}, {"step", step}, {"network", network}},
  });
}
