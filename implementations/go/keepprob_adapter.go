package main

// The wire protocol for implementations in Go: write the operations as functions and hand them to Serve.
//
// An operation takes the request's args and its tensors by name, and answers tensors by name. To refuse a request that
// is meaningless it returns an InvalidArgument, to say that something is not implemented an Unsupported; any other
// error, and a panic, counts as a failure. Repeat is none of its business: Serve makes the successive calls.

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// About is what an answer to hello holds.
type About struct {
	Protocol     int            `json:"protocol"`
	Name         string         `json:"name"`
	Version      string         `json:"version"`
	Language     string         `json:"language"`
	Homepage     string         `json:"homepage,omitempty"`
	Capabilities map[string]any `json:"capabilities"`
}

// Operation is any of dropout, penalty, step and network.
type Operation func(args Args, tensors Tensors) (Tensors, error)

// InvalidArgument says why a request is meaningless.
type InvalidArgument string

func (message InvalidArgument) Error() string { return string(message) }

// Unsupported says what is not implemented.
type Unsupported string

func (message Unsupported) Error() string { return string(message) }

// Args holds what any of the operations may be told. What is absent is its zero, or what the protocol says in its place.
type Args struct {
	KeepProb Number `json:"keep_prob"`
	Training bool
	Layer    string
	Seed     *uint64
	Repeat   *int

	Lambda   Number
	Roles    map[string]string
	Alias    map[string]string
	Examples int
	Gradient bool

	Optimizer   string
	LR          Schedule
	WeightDecay Schedule `json:"weight_decay"`
	Steps       int
	Momentum    Number
	Beta1       Number
	Beta2       Number
	Eps         Number

	Layers     []int
	Activation string
	Loss       string
	KeepProbs  []Number `json:"keep_probs"`
}

// Number is a float64. JSON has no words for those that are not finite: they come as strings.
type Number float64

func (number *Number) UnmarshalJSON(text []byte) error {
	value, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	*number = Number(value)
	return err
}

// Schedule is a number for all steps, or one for each.
type Schedule struct {
	constant Number
	entries  []Number
}

func (schedule *Schedule) UnmarshalJSON(text []byte) error {
	if text[0] == '[' {
		return json.Unmarshal(text, &schedule.entries)
	}
	return json.Unmarshal(text, &schedule.constant)
}

// Of returns a number for each of the steps.
func (schedule Schedule) Of(steps int) ([]float64, error) {
	if schedule.entries != nil && len(schedule.entries) != steps {
		return nil, InvalidArgument(fmt.Sprintf("%d entries for %d steps", len(schedule.entries), steps))
	}
	numbers := make([]float64, steps)
	for k := range numbers {
		numbers[k] = float64(schedule.constant)
		if schedule.entries != nil {
			numbers[k] = float64(schedule.entries[k])
		}
	}
	return numbers, nil
}

// Tensor is a tensor as it travels: row-major, little-endian.
type Tensor struct {
	DType string
	Shape []int
	Data  []byte
}

type Tensors map[string]Tensor

// ScalarTensor is a value or a loss.
func ScalarTensor(value float64) Tensor {
	return Tensor{"float64", []int{}, binary.LittleEndian.AppendUint64(nil, math.Float64bits(value))}
}

// Mask is a mask of the tensor's shape: true is kept.
func (tensor Tensor) Mask(kept []bool) Tensor {
	data := make([]byte, len(kept))
	for i, kept := range kept {
		if kept {
			data[i] = 1
		}
	}
	return Tensor{"uint8", tensor.Shape, data}
}

// Values returns the elements of a float64 or a float32.
func (tensor Tensor) Values() []float64 {
	values := make([]float64, len(tensor.Data)/sizes[tensor.DType])
	for i := range values {
		if tensor.DType == "float64" {
			values[i] = math.Float64frombits(binary.LittleEndian.Uint64(tensor.Data[8*i:]))
		} else {
			values[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(tensor.Data[4*i:])))
		}
	}
	return values
}

// With returns a tensor of this one's shape and dtype, which is float64 or float32, with other elements.
func (tensor Tensor) With(values []float64) Tensor {
	data := make([]byte, len(values)*sizes[tensor.DType])
	for i, value := range values {
		if tensor.DType == "float64" {
			binary.LittleEndian.PutUint64(data[8*i:], math.Float64bits(value))
		} else {
			binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(float32(value)))
		}
	}
	return Tensor{tensor.DType, tensor.Shape, data}
}

// Entry returns what is at k of the leading axis, such as the gradient of a step.
func (tensor Tensor) Entry(k int) Tensor {
	size := len(tensor.Data) / tensor.Shape[0]
	return Tensor{tensor.DType, tensor.Shape[1:], tensor.Data[k*size : (k+1)*size]}
}

var sizes = map[string]int{"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "uint8": 1}

type request struct {
	ID      int
	Op      string
	Args    json.RawMessage
	Tensors []listed
	Bytes   int
}

type answer struct {
	ID      int      `json:"id"`
	OK      bool     `json:"ok"`
	Result  any      `json:"result,omitempty"`
	Error   *refusal `json:"error,omitempty"`
	Tensors []listed `json:"tensors,omitempty"`
	Bytes   int      `json:"bytes,omitempty"`
}

type listed struct {
	Name  string `json:"name"`
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
}

type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Serve answers requests until stdin ends. What anything else prints goes to stderr from now on.
func Serve(about About, operations map[string]Operation) {
	about.Protocol, about.Language = 1, "go"
	requests, answers := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	os.Stdout = os.Stderr
	for {
		line, err := requests.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		check(err)
		var asked request
		check(json.Unmarshal(line, &asked))
		body := make([]byte, asked.Bytes)
		_, err = io.ReadFull(requests, body)
		check(err)

		answered := answer{ID: asked.ID, OK: true}
		var tensors Tensors
		if asked.Op == "hello" {
			answered.Result = about
		} else if tensors, err = respond(asked, body, operations); err != nil {
			answered.OK, answered.Error, tensors = false, refusalOf(err), nil
		}
		var chunks [][]byte
		for name, tensor := range tensors {
			answered.Tensors = append(answered.Tensors, listed{name, tensor.DType, tensor.Shape})
			answered.Bytes += len(tensor.Data)
			chunks = append(chunks, tensor.Data)
		}
		header, err := json.Marshal(answered)
		check(err)
		answers.Write(append(header, '\n'))
		for _, chunk := range chunks {
			answers.Write(chunk)
		}
		check(answers.Flush())
	}
}

// respond returns the answer's tensors. Whatever an operation panics with is its answer too.
func respond(asked request, body []byte, operations map[string]Operation) (answered Tensors, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			fmt.Fprintf(os.Stderr, "%v\n%s", cause, debug.Stack())
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	tensors := Tensors{}
	for _, entry := range asked.Tensors {
		size := sizes[entry.DType]
		for _, length := range entry.Shape {
			size *= length
		}
		tensors[entry.Name] = Tensor{entry.DType, entry.Shape, body[:size:size]}
		body = body[size:]
	}
	if asked.Op == "echo" {
		return tensors, nil
	}
	operation, known := operations[asked.Op]
	if !known {
		return nil, Unsupported("no operation " + asked.Op)
	}
	args := Args{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}
	if err := json.Unmarshal(asked.Args, &args); err != nil {
		return nil, err
	}
	if args.Repeat == nil {
		return operation(args, tensors)
	}
	if args.Seed != nil && args.Layer == "" {
		// Seeded once, before the first of the calls: a layer of their own.
		args.Layer = fmt.Sprintf("repeated %d", asked.ID)
	}
	return repeated(*args.Repeat, func() (Tensors, error) { return operation(args, tensors) })
}

// repeated returns what successive calls answer, stacked along a leading axis.
func repeated(calls int, call func() (Tensors, error)) (Tensors, error) {
	stacked := Tensors{}
	for k := range calls {
		answered, err := call()
		if err != nil {
			return nil, err
		}
		for name, tensor := range answered {
			column := stacked[name]
			if k == 0 {
				shape := append([]int{calls}, tensor.Shape...)
				column = Tensor{tensor.DType, shape, make([]byte, 0, calls*len(tensor.Data))}
			}
			column.Data = append(column.Data, tensor.Data...)
			stacked[name] = column
		}
	}
	return stacked, nil
}

func refusalOf(err error) *refusal {
	var invalid InvalidArgument
	var unsupported Unsupported
	switch {
	case errors.As(err, &invalid):
		return &refusal{"invalid_argument", err.Error()}
	case errors.As(err, &unsupported):
		return &refusal{"unsupported", err.Error()}
	default:
		return &refusal{"internal", err.Error()}
	}
}

// check ends the process where the conversation itself has failed.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
