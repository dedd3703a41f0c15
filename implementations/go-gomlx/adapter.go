// GoMLX on its backend in pure Go. The adapter translates and never repairs: the wire's keep_prob becomes the library's
// dropout rate, and what the library then does is what is judged.
package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	_ "github.com/gomlx/gomlx/backends/simplego"

	"github.com/gomlx/gomlx/backends"
	"github.com/gomlx/gomlx/pkg/core/dtypes"
	. "github.com/gomlx/gomlx/pkg/core/graph"
	"github.com/gomlx/gomlx/pkg/core/shapes"
	"github.com/gomlx/gomlx/pkg/core/tensors"
	"github.com/gomlx/gomlx/pkg/ml/context"
	"github.com/gomlx/gomlx/pkg/ml/layers"
	"github.com/gomlx/gomlx/pkg/ml/layers/activations"
	"github.com/gomlx/gomlx/pkg/ml/layers/regularizers"
	"github.com/gomlx/gomlx/pkg/ml/train"
	"github.com/gomlx/gomlx/pkg/ml/train/losses"
	"github.com/gomlx/gomlx/pkg/ml/train/optimizers"
)

var backend = backends.MustNew()

var dtypeOf = map[string]dtypes.DType{"float64": dtypes.Float64, "float32": dtypes.Float32}

// The library has no bytes of a tensor without elements, and panics: there is nothing to copy.
func toLibrary(tensor Tensor) *tensors.Tensor {
	made := tensors.FromShape(shapes.Make(dtypeOf[tensor.DType], tensor.Shape...))
	if made.Size() > 0 {
		check(made.MutableBytes(func(data []byte) { copy(data, tensor.Data) }))
	}
	return made
}

func toWire(tensor *tensors.Tensor) Tensor {
	dtype := strings.ToLower(tensor.DType().String())
	made := Tensor{dtype, append([]int{}, tensor.Shape().Dimensions...), nil}
	if tensor.Size() > 0 {
		check(tensor.ConstBytes(func(data []byte) { made.Data = slices.Clone(data) }))
	}
	return made
}

// A layer is a model's context with its own source of random numbers, and what it computes in training and outside.
type layer struct{ training, evaluation *context.Exec }

// Without a name it is the library's function, whose graphs are compiled once for each rate.
type layerName struct {
	name     string
	keepProb Number
}

var made = map[layerName]layer{}

func layerOf(args Args) layer {
	if args.Layer == "" && args.Seed != nil {
		return newLayer(args)
	}
	name := layerName{args.Layer, args.KeepProb}
	if _, known := made[name]; !known {
		made[name] = newLayer(args)
	}
	return made[name]
}

func newLayer(args Args) layer {
	ctx := context.New()
	if args.Seed != nil {
		check(ctx.SetRNGStateFromSeed(int64(*args.Seed)))
	}
	return layer{dropoutIn(ctx, args.KeepProb, true), dropoutIn(ctx, args.KeepProb, false)}
}

func dropoutIn(ctx *context.Context, keepProb Number, training bool) *context.Exec {
	graph := func(ctx *context.Context, inputs []*Node) []*Node {
		x := inputs[0]
		ctx.SetTraining(x.Graph(), training)
		y := layers.DropoutStatic(ctx, x, float64(1-keepProb))
		if len(inputs) == 1 {
			return []*Node{y}
		}
		return append([]*Node{y}, Gradient(ReduceAllSum(Mul(y, inputs[1])), x)...)
	}
	return context.MustNewExec(backend, ctx, graph).SetMaxCache(-1)
}

func dropout(args Args, given Tensors) (Tensors, error) {
	layer := layerOf(args)
	exec := layer.evaluation
	if args.Training {
		exec = layer.training
	}
	inputs := []any{toLibrary(given["x"])}
	if dy, wanted := given["dy"]; wanted {
		inputs = append(inputs, toLibrary(dy))
	}
	outputs, err := exec.Exec(inputs...)
	if err != nil {
		return nil, err
	}
	answer := Tensors{}
	for i, output := range outputs {
		answer[[]string{"y", "dx"}[i]] = toWire(output)
	}
	return answer, nil
}

// variables are the parameters in a model's context; two names of one parameter are one variable.
func variables(ctx *context.Context, args Args, given Tensors) map[string]*context.Variable {
	parameters := map[string]*context.Variable{}
	for name, tensor := range given {
		if _, alias := args.Alias[name]; !alias && !strings.HasPrefix(name, "g:") {
			variable := ctx.In("model").VariableWithValue(name, toLibrary(tensor))
			parameters[name] = variable.SetTrainable(args.Roles[name] != "frozen")
		}
	}
	return parameters
}

// penalty is what the regularizer adds to the loss of a model, which is 0 here. The library's layers ask it each time
// that they are used: of a parameter with two names, twice.
func penalty(args Args, given Tensors) (Tensors, error) {
	ctx := context.New()
	parameters := variables(ctx, args, given)
	names := slices.Sorted(maps.Keys(parameters))
	regularizer := regularizers.L2(float64(args.Lambda))
	graph := func(ctx *context.Context, g *Graph) []*Node {
		train.AddLoss(ctx, ScalarZero(g, parameters[names[0]].DType()))
		for name := range given {
			if regularizer == nil || args.Roles[name] != "weight" {
				continue
			}
			if original, alias := args.Alias[name]; alias {
				name = original
			}
			regularizer(ctx, g, parameters[name])
		}
		loss := train.GetLosses(ctx, g)
		outputs := []*Node{ConvertDType(loss, dtypes.Float64)}
		if args.Gradient {
			var values []*Node
			for _, name := range names {
				values = append(values, parameters[name].ValueGraph(g))
			}
			outputs = append(outputs, Gradient(loss, values...)...)
		}
		return outputs
	}
	outputs := context.MustExecOnceN(backend, ctx, graph)
	answer := Tensors{"value": toWire(outputs[0])}
	for i, gradient := range outputs[1:] {
		answer["d:"+names[i]] = toWire(gradient)
	}
	return answer, nil
}

// step takes the steps of Adam, whose decay is that of AdamW. Each descends the loss that has the gradients asked for.
func step(args Args, given Tensors) (Tensors, error) {
	if args.Optimizer != "adamw" {
		return nil, Unsupported("no decay in " + args.Optimizer)
	}
	lr, err := args.LR.Of(args.Steps)
	if err != nil {
		return nil, err
	}
	weightDecay, err := args.WeightDecay.Of(args.Steps)
	if err != nil {
		return nil, err
	}
	ctx := context.New().Checked(false)
	parameters := variables(ctx, args, given)
	for k := range args.Steps {
		adam := optimizers.Adam().
			LearningRate(lr[k]).
			WeightDecay(weightDecay[k]).
			Betas(float64(args.Beta1), float64(args.Beta2)).
			Epsilon(float64(args.Eps)).
			Done()
		graph := func(ctx *context.Context, g *Graph) *Node {
			var loss *Node
			for name, parameter := range parameters {
				gradients, known := given["g:"+name]
				if !known || !parameter.Trainable {
					continue
				}
				gradient := Const(g, toLibrary(gradients.Entry(k)))
				term := ReduceAllSum(Mul(parameter.ValueGraph(g), gradient))
				if loss == nil {
					loss = term
				} else {
					loss = Add(loss, term)
				}
			}
			// The learning rate is a variable: the optimizer sets it once, and what schedules it sets it afterwards.
			if k > 0 {
				rate := optimizers.LearningRateVar(ctx, loss.DType(), lr[k])
				check(rate.SetValue(tensors.FromAnyValue(shapes.CastAsDType(lr[k], loss.DType()))))
			}
			adam.UpdateGraph(ctx, g, loss)
			return loss
		}
		context.MustExecOnceN(backend, ctx, graph)
	}
	answer := Tensors{}
	for name, parameter := range parameters {
		answer[name] = toWire(parameter.MustValue())
	}
	return answer, nil
}

// transposed turns the wire's weights, [out, in], into the library's, and back.
func transposed(tensor *tensors.Tensor) *tensors.Tensor {
	return MustExecOnce(backend, func(w *Node) *Node { return Transpose(w, 0, 1) }, tensor)
}

// network is a model of dense layers, which find their parameters in the context, and the penalty's strength too.
func network(args Args, given Tensors) (Tensors, error) {
	ctx := context.New().Checked(false)
	ctx.SetParam(regularizers.ParamL2, float64(args.Lambda))
	var parameters []*context.Variable
	for l := 1; l < len(args.Layers); l++ {
		scope := ctx.Inf("layer%d", l).In("dense")
		weights := transposed(toLibrary(given[fmt.Sprintf("W%d", l)]))
		biases := toLibrary(given[fmt.Sprintf("b%d", l)])
		parameters = append(parameters,
			scope.VariableWithValue("weights", weights),
			scope.VariableWithValue("biases", biases))
	}
	graph := func(ctx *context.Context, x, t *Node) []*Node {
		g := x.Graph()
		ctx.SetTraining(g, args.Training)
		a := x
		for l, keepProb := range args.KeepProbs {
			z := layers.DenseWithBias(ctx.Inf("layer%d", l+1), a, args.Layers[l+1])
			if args.Activation != "identity" {
				z = activations.Apply(activations.FromName(args.Activation), z)
			}
			a = layers.DropoutStatic(ctx, z, float64(1-keepProb))
		}
		last := len(args.Layers) - 1
		y := layers.DenseWithBias(ctx.Inf("layer%d", last), a, args.Layers[last])
		if args.Loss == "mse" {
			// The wire's mse is half the sum over the outputs, where the library takes their mean.
			mean := losses.MeanSquaredError([]*Node{t}, []*Node{y})
			train.AddLoss(ctx, MulScalar(mean, float64(args.Layers[last])/2))
		} else {
			train.AddLoss(ctx, losses.CategoricalCrossEntropyLogits([]*Node{t}, []*Node{y}))
		}
		loss := train.GetLosses(ctx, g)
		var values []*Node
		for _, parameter := range parameters {
			values = append(values, parameter.ValueGraph(g))
		}
		return append([]*Node{ConvertDType(loss, dtypes.Float64), y}, Gradient(loss, values...)...)
	}
	outputs := context.MustExecOnceN(backend, ctx, graph, toLibrary(given["x"]), toLibrary(given["t"]))
	answer := Tensors{"loss": toWire(outputs[0]), "y": toWire(outputs[1])}
	for l := 1; l < len(args.Layers); l++ {
		answer[fmt.Sprintf("d:W%d", l)] = toWire(transposed(outputs[2*l]))
		answer[fmt.Sprintf("d:b%d", l)] = toWire(outputs[2*l+1])
	}
	return answer, nil
}

func main() {
	floats := []string{"float64", "float32"}
	Serve(
		About{
			Name:     "GoMLX",
			Version:  "0.26.0",
			Homepage: "https://github.com/gomlx/gomlx",
			Capabilities: map[string]any{
				"dropout": map[string]any{
					"dtypes":         floats,
					"gradient":       true,
					"seed":           "advances",
					"layer":          true,
					"repeat":         true,
					"keep_prob_zero": "zeros",
				},
				"penalty": map[string]any{"dtypes": floats, "coefficient": 1, "gradient": true},
				"step": map[string]any{
					"dtypes": floats,
					"optimizers": map[string]any{
						"adamw": map[string]any{"decay": "decoupled", "times_lr": true, "order": "before", "bias": true},
					},
				},
				"network": map[string]any{"dtypes": floats},
			},
		},
		map[string]Operation{"dropout": dropout, "penalty": penalty, "step": step, "network": network},
	)
}
