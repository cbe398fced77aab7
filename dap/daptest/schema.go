package daptest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed debugAdapterProtocol.json
var protocol []byte

// schemas are the protocol's definitions, compiled when they are needed.
var schemas = struct {
	sync.Mutex
	compiler    *jsonschema.Compiler
	definitions map[string]any
	known       map[string]*jsonschema.Schema
}{known: map[string]*jsonschema.Schema{}}

const schemaName = "dap.json"

// schema is the definition with a name, nil if there is none.
func schema(name string) (*jsonschema.Schema, error) {
	s := &schemas
	s.Lock()
	defer s.Unlock()
	if s.compiler == nil {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(protocol))
		if err != nil {
			return nil, err
		}
		s.definitions = doc.(map[string]any)["definitions"].(map[string]any)
		s.compiler = jsonschema.NewCompiler()
		if err := s.compiler.AddResource(schemaName, doc); err != nil {
			return nil, err
		}
	}
	if s.definitions[name] == nil {
		return nil, nil
	}
	if s.known[name] == nil {
		compiled, err := s.compiler.Compile(schemaName + "#/definitions/" + name)
		if err != nil {
			return nil, err
		}
		s.known[name] = compiled
	}
	return s.known[name], nil
}

// Check reports how a message differs from what the protocol says of it. Our own
// messages, with names that begin with "stepback/", need to be requests, responses or events only.
func Check(content []byte) error {
	var m struct {
		Type, Command, Event string
		Success              bool
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return err
	}
	base, name := "", m.Command
	switch {
	case m.Type == "request":
		base = "Request"
	case m.Type == "response" && !m.Success:
		base, name = "Response", "error"
	case m.Type == "response":
		base = "Response"
	case m.Type == "event":
		base, name = "Event", m.Event
	default:
		return fmt.Errorf("a message of type %q", m.Type)
	}
	definition := base
	if !strings.HasPrefix(name, "stepback/") && name != "" {
		definition = strings.ToUpper(name[:1]) + name[1:] + base
	}
	s, err := schema(definition)
	if err != nil {
		return err
	}
	if s == nil {
		return fmt.Errorf("the protocol has no %s", definition)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(content))
	if err != nil {
		return err
	}
	return s.Validate(value)
}
