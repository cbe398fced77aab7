package trace

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// maxManifest bounds the size of a manifest. The kernel allows 6 MiB of
// arguments and environment, of which JSON may make six times as much.
const maxManifest = 64 << 20

// manifestSumLine is the last line of the file: a JSON value of its own, so
// that JSON tools read the whole file as two values.
const manifestSumLine = "{\"sha256\": \"%s\"}\n"

var manifestSumLen = len(fmt.Sprintf(manifestSumLine, Hash{}))

// encodeManifest returns the content of manifest.json: indented JSON and a
// line with the checksum of everything before it. JSON strings are Unicode,
// so bytes of arguments and environment that are not UTF-8 become U+FFFD
// here; replay takes the exact ones from the recorded memory.
func encodeManifest(m *Manifest) ([]byte, error) {
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	body = append(body, '\n')
	if len(body)+manifestSumLen > maxManifest {
		return nil, fmt.Errorf("arguments and environment are too long for a manifest: %d bytes", len(body))
	}
	return sumManifest(body), nil
}

// sumManifest appends the line with the checksum.
func sumManifest(body []byte) []byte {
	return fmt.Appendf(body, manifestSumLine, Hash(sha256.Sum256(body)))
}

// decodeManifest checks the content of a manifest.json; name is for messages.
func decodeManifest(name string, content []byte) (*Manifest, error) {
	damage := func(what string) error { return &DamageError{File: name, What: what} }
	if len(content) < manifestSumLen {
		return nil, damage("it is too short")
	}
	body, line := content[:len(content)-manifestSumLen], content[len(content)-manifestSumLen:]
	// Comparing the line as a whole leaves no byte of the file unchecked.
	if !bytes.Equal(line, fmt.Appendf(nil, manifestSumLine, Hash(sha256.Sum256(body)))) {
		return nil, damage("its content does not match the checksum in its last line")
	}
	// The version first: the rest of a newer manifest may have other types.
	var v struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return nil, damage(err.Error())
	}
	if err := checkVersion(v.Version); err != nil {
		return nil, err
	}
	m := new(Manifest)
	if err := json.Unmarshal(body, m); err != nil {
		return nil, damage(err.Error())
	}
	return m, nil
}

// readManifest reads the manifest of the recording in dir.
func readManifest(dir string) (*Manifest, error) {
	name := filepath.Join(dir, manifestName)
	f, err := openRegular(name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) {
		return nil, fmt.Errorf("%s is %w: %w", dir, ErrNotRecording, err)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, maxManifest+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxManifest {
		return nil, &DamageError{File: name, Offset: maxManifest, What: "it is too long for a manifest"}
	}
	return decodeManifest(name, content)
}
