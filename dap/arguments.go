package dap

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Arguments reads the arguments of a call. Those that are not known are ignored;
// those that the type of A does not allow to be left out must be there.
func Arguments[A any](c *Call) (*A, error) {
	a := new(A)
	text := c.arguments
	if len(text) == 0 || string(text) == "null" {
		text = []byte("{}")
	}
	var given map[string]json.RawMessage
	err := json.Unmarshal(text, &given)
	if err == nil {
		for _, name := range required(reflect.TypeFor[A]()) {
			if _, ok := given[name]; !ok {
				return nil, argumentError(c, fmt.Sprintf("argument %s is missing", name))
			}
		}
		err = json.Unmarshal(text, a)
	}
	if err != nil {
		return nil, argumentError(c, JSONProblem(err))
	}
	return a, nil
}

func argumentError(c *Call, what string) error {
	return &Error{ID: WrongArgument, Err: fmt.Errorf("%s: %s", c.Command, what)}
}

// lenient are arguments that go-dap always writes, but that may be left out.
var lenient = []string{"linesStartAt1", "columnsStartAt1"}

var requiredOf sync.Map // reflect.Type → []string

// required are the names of the fields that a type always has: the protocol's types have
// omitempty at all others.
func required(t reflect.Type) []string {
	if names, ok := requiredOf.Load(t); ok {
		return names.([]string)
	}
	var names []string
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			names = append(names, required(f.Type)...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" && !strings.Contains(options, "omit") && !slices.Contains(lenient, name) {
			names = append(names, name)
		}
	}
	requiredOf.Store(t, names)
	return names
}

// JSONProblem says what is wrong with JSON, in words for those who wrote it.
func JSONProblem(err error) string {
	var typ *json.UnmarshalTypeError
	if errors.As(err, &typ) {
		where := "the value"
		if typ.Field != "" {
			where = typ.Field
		}
		return fmt.Sprintf("%s must be %s, and is %s", where, kindText(typ.Type), typ.Value)
	}
	return "no valid JSON: " + err.Error()
}

func kindText(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a whole number"
}
