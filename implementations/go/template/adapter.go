// Inverted dropout by hand, as an adapter to start from: put what you want to have judged in place of forward and
// backward, and judge it with
//
//	keepprob check -- go run .
package main

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

func draw(size int, keepProb float64, random *rand.Rand) []bool {
	mask := make([]bool, size)
	for i := range mask {
		mask[i] = random.Float64() < keepProb
	}
	return mask
}

func forward(x []float64, mask []bool, keepProb float64) []float64 {
	y := make([]float64, len(x))
	for i, kept := range mask {
		if kept {
			y[i] = x[i] / keepProb
		}
	}
	return y
}

func backward(dy []float64, mask []bool, keepProb float64) []float64 {
	dx := make([]float64, len(dy))
	for i, kept := range mask {
		if kept {
			dx[i] = dy[i] / keepProb
		}
	}
	return dx
}

// A layer remembers its keepProb, and continues its stream of random numbers from call to call.
type layer struct {
	keepProb float64
	random   *rand.Rand
}

var layers = map[string]*layer{}

func layerOf(args Args) *layer {
	if known := layers[args.Layer]; known != nil {
		return known
	}
	seed := rand.Uint64()
	if args.Seed != nil {
		seed = *args.Seed
	}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	made := &layer{float64(args.KeepProb), rand.New(rand.NewChaCha8(key))}
	if args.Layer != "" {
		layers[args.Layer] = made
	}
	return made
}

// dropout answers y and, in training, the mask; dx too, where dy came.
func dropout(args Args, tensors Tensors) (Tensors, error) {
	if !(0 < args.KeepProb && args.KeepProb <= 1) {
		return nil, InvalidArgument(fmt.Sprintf("keep_prob must be in (0, 1], got %v", args.KeepProb))
	}
	layer := layerOf(args)
	x := tensors["x"]
	dy, wanted := tensors["dy"]
	answer := Tensors{"y": x}
	if wanted {
		answer["dx"] = dy
	}
	if !args.Training {
		return answer, nil
	}
	values := x.Values()
	mask := draw(len(values), layer.keepProb, layer.random)
	answer["y"], answer["mask"] = x.With(forward(values, mask, layer.keepProb)), x.Mask(mask)
	if wanted {
		answer["dx"] = dy.With(backward(dy.Values(), mask, layer.keepProb))
	}
	return answer, nil
}

func main() {
	Serve(
		About{
			Name:    "my-dropout",
			Version: "0.1.0",
			Capabilities: map[string]any{
				"dropout": map[string]any{
					"dtypes":         []string{"float64", "float32"},
					"gradient":       true,
					"mask":           true,
					"seed":           "advances",
					"layer":          true,
					"repeat":         true,
					"keep_prob_zero": "error",
				},
			},
		},
		map[string]Operation{"dropout": dropout},
	)
}
